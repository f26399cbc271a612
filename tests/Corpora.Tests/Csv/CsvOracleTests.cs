using System.Globalization;
using System.Text;
using CsCheck;
using CsvHelper;

namespace BulkQA.Corpora.Tests;

public sealed class CsvOracleTests
{
    private static readonly Gen<string> _field = Gen.Char["abü🐕 ,\"\n-x"].Array[1, 12].Select(chars => "x" + new string(chars) + "x");

    /// <summary>Whatever a well-known library writes, ours reads back, field by field.</summary>
    [Fact]
    public void Read_WhatCsvHelperWrote_IsWhatWasWritten() =>
        Gen.Select(_field, _field).Array[1, 20].Sample(rows =>
        {
            rows = [.. rows.Select(row => (Clean(row.Item1), Clean(row.Item2)))];
            var text = new StringWriter();
            using (var csv = new CsvWriter(text, CultureInfo.InvariantCulture))
            {
                foreach (var column in (string[])["note", "label", "s3_image_url", "confidence"]) csv.WriteField(column);
                csv.NextRecord();
                foreach (var (note, label) in rows)
                {
                    csv.WriteField(note);
                    csv.WriteField(label.Replace("\n", "", StringComparison.Ordinal));
                    csv.WriteField("s3://b/a.jpg");
                    csv.WriteField("80");
                    csv.NextRecord();
                }
            }
            using var stream = new MemoryStream(Encoding.UTF8.GetBytes(text.ToString()));
            var read = Corpus.Lines(stream, "csv", @base: "s3://x/").ToBlockingEnumerable().ToList();
            Assert.Equal(rows.Select(row => row.Item2.Replace("\n", "", StringComparison.Ordinal)), read.Select(line => line.Item?.Label.Value ?? line.Problem));
        });

    /// <summary>A lone half of a surrogate pair is no text that could be written.</summary>
    private static string Clean(string text) => string.Concat(text.Where(c => !char.IsSurrogate(c)));
}
