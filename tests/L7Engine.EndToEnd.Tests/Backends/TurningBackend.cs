using System.Collections.Concurrent;
using System.Net;
using L7Engine.EndToEnd.Tests.Support;

namespace L7Engine.EndToEnd.Tests.Backends;

/// <summary>A backend that answers as the others do until it is told to turn bad.</summary>
internal sealed class TurningBackend : IAsyncDisposable
{
    private readonly ConcurrentQueue<string> _executed = new();
    private readonly ScriptedBackend _backend;
    private volatile bool _isBad;
    private int _badCount;

    /// <param name="misbehave">What it does then with a connection it accepts, or has when a request comes.</param>
    public TurningBackend(Func<WireStream, Task> misbehave) => _backend = new ScriptedBackend(async stream =>
    {
        while (!_isBad && await stream.ReadHeadAsync() is { } head)
        {
            if (!_isBad)
            {
                await stream.ReadBodyAsync(head, isRequest: true);
                string id = head[NginxProcess.IdField] ?? "";
                _executed.Enqueue($"{head.StartLine.Split(' ')[0]} {id}");
                await stream.SendAsync($"HTTP/1.1 200 OK\r\nContent-Length: {id.Length}\r\n\r\n{id}");
            }
        }

        if (_isBad)
        {
            Interlocked.Increment(ref _badCount);
            await misbehave(stream);
        }
    });

    public IPEndPoint Address => _backend.Address;

    /// <summary>The requests that it has executed; what it misbehaves at, it does not execute.</summary>
    public IReadOnlyCollection<string> Executed => _executed;

    /// <summary>How often it has misbehaved.</summary>
    public int BadCount => Volatile.Read(ref _badCount);

    public void TurnBad() => _isBad = true;

    public void TurnGood() => _isBad = false;

    public ValueTask DisposeAsync() => _backend.DisposeAsync();
}
