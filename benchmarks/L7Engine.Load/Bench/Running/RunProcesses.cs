namespace L7Engine.Load.Bench.Running;

/// <summary>The processes of a run, and the ports that they are given.</summary>
/// <remarks>Several may be started at a time. Disposed, none of them is left.</remarks>
internal sealed class RunProcesses(BenchSettings settings, CancellationToken stop) : IAsyncDisposable
{
    private readonly List<Child> _children = [];
    private int _ports;

    /// <summary>The port on which the next process is to listen; 0 is a free one.</summary>
    public int NextPort() => settings.FirstPort == 0 ? 0 : settings.FirstPort + _ports++;

    /// <summary>Starts this program in a role of its own, and waits until it is ready.</summary>
    /// <param name="processor">Where it is kept; null is anywhere.</param>
    /// <exception cref="BenchException">It does not start.</exception>
    public async Task<Child> StartAsync(int? processor, string what, params IEnumerable<string> role)
    {
        Child child = await Child.StartAsync([.. settings.Program, .. role], what, processor, stop);
        lock (_children)
        {
            _children.Add(child);
        }

        return child;
    }

    public async ValueTask DisposeAsync() => await Task.WhenAll(_children.Select(c => c.DisposeAsync().AsTask()));
}
