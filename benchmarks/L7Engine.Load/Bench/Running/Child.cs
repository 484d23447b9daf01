using System.Diagnostics;
using L7Engine.Load.Bench.Machine;

namespace L7Engine.Load.Bench.Running;

/// <summary>A process of a run. It is asked line by line, and ends when its input does.</summary>
/// <remarks>Not thread-safe: one question at a time.</remarks>
internal sealed class Child : IAsyncDisposable
{
    private static readonly TimeSpan StartTime = TimeSpan.FromSeconds(20);
    private static readonly TimeSpan EndTime = TimeSpan.FromSeconds(4);

    private readonly Process _process;
    private readonly string _what;
    private string _lastError = "";

    private Child(Process process, string what) => (_process, _what) = (process, what);

    public int Id => _process.Id;

    public bool HasExited => _process.HasExited;

    /// <summary>The first line that it said.</summary>
    public string Ready { get; private set; } = "";

    /// <summary>Starts it, and waits until it is ready.</summary>
    /// <param name="processor">Where it is kept; null is anywhere.</param>
    /// <exception cref="BenchException">It ended instead; with its own words.</exception>
    public static async Task<Child> StartAsync(
        IEnumerable<string> words, string what, int? processor, CancellationToken stop)
    {
        string[] all = [.. words];
        var start = new ProcessStartInfo(all[0], all[1..])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        if (!EnvironmentReader.IsNative)
        {
            // Compiled once and for good: else the compiler would share the processor of what is measured.
            start.Environment["DOTNET_TieredCompilation"] = "0";
        }

        var process = new Process { StartInfo = start };
        var child = new Child(process, what);
        process.ErrorDataReceived += (_, line) => child._lastError = line.Data is { Length: > 0 } text
            ? text
            : child._lastError;
        Processors.StartOn(processor, process.Start);
        process.BeginErrorReadLine();
        try
        {
            child.Ready = await child.ReadAsync(stop).WaitAsync(StartTime, stop);
            return child;
        }
        catch (Exception e)
        {
            await child.DisposeAsync();
            throw e is TimeoutException ? new BenchException($"{what} does not start") : e;
        }
    }

    /// <exception cref="BenchException">It has ended.</exception>
    public async Task<string> AskAsync(string line, CancellationToken stop)
    {
        try
        {
            await _process.StandardInput.WriteLineAsync(line.AsMemory(), stop);
            await _process.StandardInput.FlushAsync(stop);
        }
        catch (IOException)
        {
            // It has ended: reading tells why.
        }

        return await ReadAsync(stop);
    }

    /// <summary>What it said when it ended.</summary>
    /// <exception cref="BenchException">Always.</exception>
    public async Task<BenchException> EndedAsync()
    {
        await _process.WaitForExitAsync();
        string said = _lastError.StartsWith("l7engine: ", StringComparison.Ordinal)
            ? _lastError["l7engine: ".Length..]
            : _lastError;
        return new BenchException($"{_what} has ended{(said.Length > 0 ? $": {said}" : "")}");
    }

    public async ValueTask DisposeAsync()
    {
        try
        {
            _process.StandardInput.Close();
        }
        catch (IOException)
        {
            // What was not sent yet has nobody to read it.
        }

        try
        {
            await _process.WaitForExitAsync().WaitAsync(EndTime);
        }
        catch (TimeoutException)
        {
            _process.Kill(entireProcessTree: true);
            await _process.WaitForExitAsync();
        }

        _process.Dispose();
    }

    private async Task<string> ReadAsync(CancellationToken stop) =>
        await _process.StandardOutput.ReadLineAsync(CancellationToken.None).AsTask().WaitAsync(stop)
            ?? throw await EndedAsync();
}
