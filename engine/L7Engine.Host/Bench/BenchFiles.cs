using L7Engine.Load.Bench;
using L7Engine.Load.Bench.Report;
using L7Engine.Load.Bench.Running;

namespace L7Engine.Host.Bench;

/// <summary>Where a run is written.</summary>
/// <param name="Json">Null writes none.</param>
/// <param name="Page">The same, as HTML.</param>
internal sealed record BenchFiles(string? Json, string? Page)
{
    /// <summary>Finds out before the run whether they can be written.</summary>
    /// <exception cref="BenchException">One cannot be.</exception>
    public void Check()
    {
        foreach (string path in All)
        {
            Try(path, () => File.Open(path, FileMode.OpenOrCreate, FileAccess.Write).Dispose());
        }
    }

    /// <exception cref="BenchException">One cannot be written.</exception>
    public void Write(BenchReport report, TextWriter output)
    {
        if (Json is not null)
        {
            Try(Json, () => File.WriteAllText(Json, BenchJson.Write(report)));
        }

        if (Page is not null)
        {
            Try(Page, () => File.WriteAllText(Page, ReportPage.Write(report)));
        }

        foreach (string path in All)
        {
            output.WriteLine($"written: {path}");
        }
    }

    private IEnumerable<string> All => new[] { Json, Page }.OfType<string>();

    private static void Try(string path, Action write)
    {
        try
        {
            write();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new BenchException($"{path}: cannot be written: {e.Message}", isUsage: true);
        }
    }
}
