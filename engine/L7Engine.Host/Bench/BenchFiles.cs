using L7Engine.Load.Bench;
using L7Engine.Load.Bench.Report;
using L7Engine.Load.Bench.Running;

namespace L7Engine.Host.Bench;

/// <summary>Where a run is written.</summary>
/// <param name="Json">Null writes none.</param>
/// <param name="Page">The same, as HTML.</param>
internal sealed record BenchFiles(string? Json, string? Page)
{
    /// <summary>Finds out before the run whether they can be written, and leaves none behind that was not there.
    /// </summary>
    /// <exception cref="BenchException">One cannot be.</exception>
    public void Check()
    {
        if (Json is { Length: > 0 } && Page is { Length: > 0 } && Path.GetFullPath(Json) == Path.GetFullPath(Page))
        {
            throw new BenchException($"--json and --report: both are {Json}; give two files", isUsage: true);
        }

        foreach (string path in new[] { Json, Page }.OfType<string>())
        {
            Try(path, () => Touch(path));
        }
    }

    /// <summary>Writes each, whatever becomes of the other.</summary>
    /// <exception cref="BenchException">One could not be written.</exception>
    public void Write(BenchReport report, TextWriter output)
    {
        try
        {
            WriteOne(Page, () => ReportPage.Write(report), output);
        }
        finally
        {
            WriteOne(Json, () => BenchJson.Write(report), output);
        }
    }

    private static void Touch(string path)
    {
        bool isNew = !File.Exists(path);
        File.Open(path, FileMode.OpenOrCreate, FileAccess.Write).Dispose();
        if (isNew)
        {
            File.Delete(path);
        }
    }

    private static void WriteOne(string? path, Func<string> text, TextWriter output)
    {
        if (path is not null)
        {
            Try(path, () => File.WriteAllText(path, text()));
            output.WriteLine($"written: {path}");
        }
    }

    private static void Try(string path, Action write)
    {
        try
        {
            write();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentException)
        {
            throw new BenchException($"\"{path}\" cannot be written: {e.Message}", isUsage: true);
        }
    }
}
