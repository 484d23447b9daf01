using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace L7Engine.EndToEnd.Tests.Backends;

/// <summary>A backend that closes what was idle for exactly its limit, and counts how often it executed each POST.</summary>
internal sealed class IdleLimitBackend : IAsyncDisposable
{
    /// <summary>How long each request takes.</summary>
    public static readonly TimeSpan Work = TimeSpan.FromMilliseconds(250);

    private readonly Socket _listening = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
    private readonly ConcurrentDictionary<string, int> _executed = new();
    private readonly ConcurrentDictionary<Socket, bool> _open = new();
    private readonly Task _accepting;
    private readonly string _fields;
    private readonly bool _resets;
    private long _limitTicks;

    /// <param name="announces">Whole seconds.</param>
    public IdleLimitBackend(TimeSpan limit, bool resets, bool announces)
    {
        (Limit, _resets) = (limit, resets);
        _fields = announces ? $"Keep-Alive: timeout={(int)limit.TotalSeconds}\r\n" : "";
        _listening.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        _listening.Listen(4_096);
        _accepting = AcceptAsync();
    }

    public IPEndPoint Address => (IPEndPoint)_listening.LocalEndPoint!;

    /// <summary>For what becomes idle from here on.</summary>
    public TimeSpan Limit
    {
        get => TimeSpan.FromTicks(Volatile.Read(ref _limitTicks));
        set => Volatile.Write(ref _limitTicks, value.Ticks);
    }

    /// <summary>How often each POST was executed, by its target.</summary>
    public IReadOnlyDictionary<string, int> Executed => _executed;

    public async ValueTask DisposeAsync()
    {
        _listening.Dispose();
        await _accepting;
        foreach (Socket socket in _open.Keys)
        {
            socket.Dispose();
        }
    }

    private async Task AcceptAsync()
    {
        try
        {
            while (true)
            {
                Socket socket = await _listening.AcceptAsync();
                _open[socket] = true;
                _ = ServeAsync(socket);
            }
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException)
        {
            // It is over.
        }
    }

    private async Task ServeAsync(Socket socket)
    {
        byte[] room = new byte[2_048];
        try
        {
            socket.NoDelay = true;
            while (await ReceiveAsync(socket, room) is { } target)
            {
                // So that all clients that ask at about the same time need a connection each.
                await Task.Delay(Work);
                await socket.SendAsync(Encoding.ASCII.GetBytes(
                    $"HTTP/1.1 200 OK\r\n{_fields}Content-Length: {target.Length}\r\n\r\n{target}"));
            }
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException)
        {
            // The other side has gone.
        }

        _open.TryRemove(socket, out _);
        socket.Dispose();
    }

    // Requests come in one piece: they are small. Null when none has come in time.
    private async Task<string?> ReceiveAsync(Socket socket, byte[] room)
    {
        using var limit = new CancellationTokenSource(Limit);
        int received;
        try
        {
            received = await socket.ReceiveAsync(room.AsMemory(), limit.Token);
        }
        catch (OperationCanceledException)
        {
            socket.LingerState = new LingerOption(_resets, 0);
            return null;
        }

        if (received == 0)
        {
            return null;
        }

        string[] line = Encoding.ASCII.GetString(room, 0, received).Split(' ', 3);
        if (line[0] == "POST")
        {
            _executed.AddOrUpdate(line[1], 1, (_, count) => count + 1);
        }

        return line[1];
    }
}
