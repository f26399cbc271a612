using System.Text.Json;
using BulkQA.Core;

namespace BulkQA.Storage;

/// <summary>
/// The <c>Votes</c> column: <c>{"worker":{"confirmed":true,"at":639000000000000000}}</c>, the time in UTC ticks and left
/// out where none was given. Readable where the table is opened by hand.
/// </summary>
internal static class VotesJson
{
    /// <summary>Null for an empty set.</summary>
    public static byte[]? Write(VoteSet votes)
    {
        if (votes.Votes.Length == 0) return null;
        using var buffer = new MemoryStream(64 * votes.Votes.Length);
        using (var writer = new Utf8JsonWriter(buffer))
        {
            writer.WriteStartObject();
            foreach (var vote in votes.Votes)
            {
                writer.WriteStartObject(vote.Worker.Value);
                writer.WriteBoolean("confirmed"u8, vote.Confirmed);
                if (vote.At != SubmissionTime.None) writer.WriteNumber("at"u8, vote.At.UtcTicks);
                writer.WriteEndObject();
            }
            writer.WriteEndObject();
        }
        return buffer.ToArray();
    }

    public static VoteSet Read(ReadOnlySpan<byte> json)
    {
        if (json.IsEmpty) return VoteSet.Empty;
        var votes = new List<Vote>();
        var reader = new Utf8JsonReader(json);
        reader.Read();
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var worker = WorkerId.Stored(reader.GetString()!);
            var (confirmed, at) = (false, SubmissionTime.None);
            reader.Read();
            while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
            {
                var isTime = reader.ValueTextEquals("at"u8);
                var isAnswer = reader.ValueTextEquals("confirmed"u8);
                reader.Read();
                if (isTime) at = new SubmissionTime(reader.GetInt64());
                else if (isAnswer) confirmed = reader.GetBoolean();
                else reader.Skip();
            }
            votes.Add(new Vote(worker, confirmed, at));
        }
        return VoteSet.Of(votes);
    }
}
