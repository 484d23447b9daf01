using System.Collections.Concurrent;
using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Text;
using L7Engine.EndToEnd.Tests.Support;

namespace L7Engine.EndToEnd.Tests.Backends;

/// <summary>
/// Clients that ask on, GET and POST in turns, each request with an id of its own that must come back.
/// </summary>
internal sealed class SteadyLoad : IAsyncDisposable
{
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(1);

    private readonly ConcurrentQueue<SentRequest> _sent = new();
    private readonly Stopwatch _clock = Stopwatch.StartNew();
    private readonly IPEndPoint _target;
    private readonly Task[] _clients;
    private volatile bool _isOver;
    private int _lastId;
    private int _rightCount;

    public SteadyLoad(IPEndPoint target, int clients)
    {
        _target = target;
        ClientCount = clients;
        _clients = [.. Enumerable.Range(0, clients).Select(_ => Task.Run(AskOnAsync))];
    }

    public int ClientCount { get; }

    /// <summary>Since it began.</summary>
    public TimeSpan Now => _clock.Elapsed;

    /// <summary>All that have ended so far.</summary>
    public IReadOnlyList<SentRequest> Sent => [.. _sent];

    /// <summary>Waits until so many more requests were answered as they should be.</summary>
    public async Task AnsweredAsync(int more)
    {
        int goal = Volatile.Read(ref _rightCount) + more;
        await UntilAsync(() => Volatile.Read(ref _rightCount) >= goal, $"{more} more answers");
    }

    /// <summary>Waits for an event while the load goes on.</summary>
    public static async Task UntilAsync(Func<bool> isSo, string what)
    {
        long began = Stopwatch.GetTimestamp();
        while (!isSo())
        {
            if (Stopwatch.GetElapsedTime(began) > Patience.Cap)
            {
                throw new TimeoutException($"This did not happen within {Patience.Cap}: {what}");
            }

            await Task.Delay(Pause);
        }
    }

    /// <summary>Lets each client end what it has begun.</summary>
    public async Task StopAsync()
    {
        _isOver = true;
        await Patience.ForAsync(Task.WhenAll(_clients), "the end of the load");
    }

    public async ValueTask DisposeAsync() => await StopAsync();

    private async Task AskOnAsync()
    {
        WireStream? stream = null;
        while (!_isOver)
        {
            int id = Interlocked.Increment(ref _lastId);
            string method = id % 2 == 0 ? "POST" : "GET";
            TimeSpan began = Now;
            (int status, bool isRight, bool isOpen) = (0, false, false);
            try
            {
                stream ??= await WireStream.ConnectAsync(_target);
                (status, isRight, isOpen) = await AskAsync(stream, method, id);
            }
            catch (Exception e) when (e is SocketException or EndOfStreamException)
            {
                // No whole response.
            }

            _sent.Enqueue(new SentRequest(method, id, began, Now, status, isRight));
            Interlocked.Add(ref _rightCount, isRight ? 1 : 0);
            if (!isOpen)
            {
                stream?.Dispose();
                stream = null;
            }

            await Task.Delay(Pause);
        }

        stream?.Dispose();
    }

    private static async Task<(int Status, bool IsRight, bool IsOpen)> AskAsync(WireStream stream, string method, int id)
    {
        string body = method == "POST" ? "Content-Length: 2\r\n\r\n{}" : "\r\n";
        await stream.SendAsync(string.Create(
            null, $"{method} {NginxProcess.Echo} HTTP/1.1\r\nHost: x\r\n{NginxProcess.IdField}: {id}\r\n{body}"));
        if (await stream.ReadHeadAsync() is not { } head)
        {
            return (0, false, false);
        }

        string echoed = Encoding.ASCII.GetString(await stream.ReadBodyAsync(head));
        bool isRight = head.Status == 200 && echoed == id.ToString(System.Globalization.CultureInfo.InvariantCulture);
        return (head.Status, isRight, head["Connection"] != "close");
    }
}
