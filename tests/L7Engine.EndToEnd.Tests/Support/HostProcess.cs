using System.Net;

namespace L7Engine.EndToEnd.Tests.Support;

/// <summary>The command <c>l7engine</c>, as a shell would start it.</summary>
internal sealed class HostProcess : IAsyncDisposable
{
    private const string Listening = "listening on ";

    private readonly ChildProcess _process;

    private HostProcess(ChildProcess process) => _process = process;

    public int Id => _process.Id;

    public OutputLines Output => _process.Output;

    public OutputLines Errors => _process.Errors;

    /// <summary>Where it listens. Known once it listens.</summary>
    public IPEndPoint Address { get; private set; } = new(IPAddress.None, 0);

    /// <summary>Starts it with any arguments.</summary>
    public static HostProcess Start(params IEnumerable<string> arguments) => StartUnder([], arguments);

    /// <summary>Starts it by a program that replaces itself by it, such as <c>prlimit</c>.</summary>
    public static HostProcess StartUnder(IEnumerable<string> wrapper, IEnumerable<string> arguments)
    {
        string[] words = [.. wrapper, .. HostCommand.Words, .. arguments];
        return new HostProcess(ChildProcess.Start(words[0], words[1..]));
    }

    /// <summary>Starts <c>run</c> on a free port, and waits until it listens.</summary>
    public static Task<HostProcess> ServeAsync(IPEndPoint backend, params IEnumerable<string> more) =>
        ServeAsync(["--listen", "127.0.0.1:0", "--backend", backend.ToString(), .. more]);

    /// <summary>Starts <c>run</c> with these arguments, and waits until it listens.</summary>
    public static Task<HostProcess> ServeAsync(params IEnumerable<string> arguments) =>
        Start(["run", .. arguments]).ListeningAsync();

    /// <summary>Waits until it listens.</summary>
    public async Task<HostProcess> ListeningAsync()
    {
        try
        {
            string line = await Output.ContainingAsync(Listening);
            Address = IPEndPoint.Parse(line[Listening.Length..]);
            return this;
        }
        catch
        {
            await DisposeAsync();
            throw new InvalidOperationException($"It does not listen:\n{Output}\n{Errors}");
        }
    }

    public string UrlOf(string path) => $"http://{Address}{path}";

    public Task<int> ExitAsync() => _process.ExitAsync();

    public void Terminate() => _process.Terminate();

    public void Interrupt() => _process.Interrupt();

    public void HangUp() => _process.HangUp();

    /// <summary>Ends it at once, without a word.</summary>
    public void Kill() => _process.Kill();

    public ValueTask DisposeAsync() => _process.DisposeAsync();
}
