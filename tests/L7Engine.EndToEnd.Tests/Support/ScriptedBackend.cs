using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;

namespace L7Engine.EndToEnd.Tests.Support;

/// <summary>A backend of which every byte is the test's: a script runs for each connection it accepts.</summary>
internal sealed class ScriptedBackend : IAsyncDisposable
{
    private readonly Socket _listener;
    private readonly Func<WireStream, Task> _script;
    private readonly ConcurrentBag<WireStream> _open = [];
    private readonly ConcurrentBag<Task> _running = [];
    private readonly ConcurrentQueue<Exception> _failures = [];
    private readonly Task _accepting;
    private int _accepted;
    private volatile bool _isDisposed;

    /// <param name="script">What to do with a connection; it is closed afterwards.</param>
    /// <param name="address">Where to listen; null is the IPv4 loopback.</param>
    public ScriptedBackend(Func<WireStream, Task> script, IPAddress? address = null)
    {
        IPAddress at = address ?? IPAddress.Loopback;
        _script = script;
        _listener = new Socket(at.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
        _listener.Bind(new IPEndPoint(at, 0));
        _listener.Listen(1_024);
        Address = (IPEndPoint)_listener.LocalEndPoint!;
        _accepting = AcceptAsync();
    }

    public IPEndPoint Address { get; }

    /// <summary>Connections so far.</summary>
    public int Accepted => Volatile.Read(ref _accepted);

    /// <summary>What scripts threw; a peer that goes away is no failure of a script.</summary>
    public IReadOnlyCollection<Exception> Failures => _failures;

    /// <summary>Answers each request with what the function makes of its head and body.</summary>
    public static ScriptedBackend Answering(Func<WireHead, byte[], string> answer, IPAddress? address = null) =>
        new(
            async stream =>
            {
                while (await stream.ReadHeadAsync() is { } head)
                {
                    await stream.SendAsync(answer(head, await stream.ReadBodyAsync(head, isRequest: true)));
                }
            },
            address);

    /// <summary>Answers each request with this text as the body.</summary>
    public static ScriptedBackend Saying(string text, IPAddress? address = null) => Answering(
        (_, _) => string.Create(null, $"HTTP/1.1 200 OK\r\nContent-Length: {text.Length}\r\n\r\n{text}"), address);

    public async ValueTask DisposeAsync()
    {
        _isDisposed = true;
        _listener.Dispose();
        await _accepting;
        foreach (WireStream stream in _open)
        {
            stream.Dispose();
        }

        await Patience.ForAsync(Task.WhenAll(_running), "the end of a backend's scripts");
    }

    private async Task AcceptAsync()
    {
        try
        {
            while (true)
            {
                Socket socket = await _listener.AcceptAsync();
                socket.NoDelay = true;
                Interlocked.Increment(ref _accepted);
                _running.Add(RunAsync(new WireStream(socket)));
            }
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException)
        {
            // The end: the listener was closed.
        }
    }

    private async Task RunAsync(WireStream stream)
    {
        _open.Add(stream);
        await Task.Yield();
        try
        {
            await _script(stream);
        }
        catch (SocketException)
        {
            // The peer is gone.
        }
        catch (Exception e)
        {
            if (!_isDisposed)
            {
                _failures.Enqueue(e);
            }
        }

        stream.Dispose();
    }
}
