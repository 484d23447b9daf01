using System.Text.Json;

namespace L7Engine.Tests.Corpus;

/// <param name="Expect">reject, accept, either or incomplete, as the corpus explains them.</param>
internal sealed record CorpusRecord(string Id, string Type, string Expect, byte[] Raw)
{
    public static IEnumerable<CorpusRecord> Read(string file)
    {
        foreach (string line in File.ReadLines(file))
        {
            using JsonDocument record = JsonDocument.Parse(line);
            yield return new CorpusRecord(
                record.RootElement.GetProperty("id").GetString()!,
                record.RootElement.GetProperty("type").GetString()!,
                record.RootElement.GetProperty("expect").GetString()!,
                record.RootElement.GetProperty("raw_b64").GetBytesFromBase64());
        }
    }
}
