using System.Diagnostics;
using System.Globalization;
using L7Engine.Load.Bench.Machine;

namespace L7Engine.Load.Bench.Running;

/// <summary>A process of a run. It is asked line by line, and ends when its input does.</summary>
/// <remarks>Not thread-safe: one question at a time.</remarks>
internal sealed class Child : IAsyncDisposable
{
    private static readonly TimeSpan StartTime = TimeSpan.FromSeconds(20);
    private static readonly TimeSpan AnswerTime = TimeSpan.FromSeconds(15);
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
            throw e is TimeoutException ? new BenchException($"{what} did not start in time") : e;
        }
    }

    /// <param name="busy">For how long it is busy before it can answer.</param>
    /// <exception cref="BenchException">It has ended, or hangs.</exception>
    public async Task<string> AskAsync(string line, CancellationToken stop, TimeSpan busy = default)
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

        try
        {
            return await ReadAsync(stop).WaitAsync(busy + AnswerTime, stop);
        }
        catch (TimeoutException)
        {
            throw new BenchException($"{_what} does not answer any more");
        }
    }

    /// <summary>What it said when it ended.</summary>
    /// <exception cref="BenchException">Always.</exception>
    public async Task<BenchException> EndedAsync()
    {
        await WaitForExitAsync();
        string said = _lastError.StartsWith("l7engine: ", StringComparison.Ordinal)
            ? _lastError["l7engine: ".Length..]
            : _lastError;
        string how = Ready.Length == 0 ? "did not start" : "ended unexpectedly";
        return new BenchException($"{_what} {how}{(said.Length > 0 ? $": {said}" : HowEnded)}");
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

        await WaitForExitAsync();

        // Each role leads a group of its own. What it started outlives it only if the role was killed.
        _ = Signals.Send(-_process.Id, Signals.Kill);
        _process.Dispose();
    }

    // A process that has lost its output may still run.
    private async Task WaitForExitAsync()
    {
        try
        {
            await _process.WaitForExitAsync().WaitAsync(EndTime);
        }
        catch (TimeoutException)
        {
            _process.Kill(entireProcessTree: true);
            await _process.WaitForExitAsync();
        }
    }

    // The runtime adds 128 to the number of a signal.
    private string HowEnded => _process.ExitCode switch
    {
        0 => "",
        > 128 and var code => $" (signal {Text(code - 128)})",
        var code => $" (exit code {Text(code)})",
    };

    private static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);

    private async Task<string> ReadAsync(CancellationToken stop) =>
        await _process.StandardOutput.ReadLineAsync(CancellationToken.None).AsTask().WaitAsync(stop)
            ?? throw await EndedAsync();
}
