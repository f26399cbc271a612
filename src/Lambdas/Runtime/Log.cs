using System.Text;
using System.Text.Json;

namespace BulkQA.Lambdas;

/// <summary>One JSON line an event on standard output, where Lambda's logs are taken from.</summary>
internal static class Log
{
    public static void Info(string message, string requestId, params ReadOnlySpan<(string Name, string Value)> fields) =>
        Write("Information", message, requestId, null, fields);

    public static void Warning(string message, string? requestId, params ReadOnlySpan<(string Name, string Value)> fields) =>
        Write("Warning", message, requestId, null, fields);

    public static void Error(string message, string? requestId, Exception exception) =>
        Write("Error", message, requestId, exception, []);

    private static void Write(string level, string message, string? requestId, Exception? exception, ReadOnlySpan<(string Name, string Value)> fields)
    {
        using var buffer = new MemoryStream();
        using (var writer = new Utf8JsonWriter(buffer))
        {
            writer.WriteStartObject();
            writer.WriteString("timestamp", TimeProvider.System.GetUtcNow());
            writer.WriteString("level", level);
            writer.WriteString("message", message);
            if (requestId is not null) writer.WriteString("requestId", requestId);
            foreach (var (name, value) in fields) writer.WriteString(name, value);
            if (exception is not null) writer.WriteString("exception", exception.ToString());
            writer.WriteEndObject();
        }
        Console.WriteLine(Encoding.UTF8.GetString(buffer.ToArray()));
    }
}
