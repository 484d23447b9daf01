using System.Net;
using System.Net.Sockets;
using System.Text;

namespace L7Engine.Host.Demo;

/// <summary>A tiny HTTP/1.1 server on a free loopback port: one fixed answer to every request without a body.</summary>
internal sealed class DemoBackend : IAsyncDisposable
{
    /// <summary>How the body of every answer begins.</summary>
    public const string Greeting = "hello from backend ";

    private readonly CancellationTokenSource _stop = new();
    private readonly List<Task> _serving = [];
    private readonly Socket _listener = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
    private readonly byte[] _answer;
    private readonly Task _accepting;

    public DemoBackend(int number)
    {
        string body = string.Create(null, $"{Greeting}{number}\n");
        _answer = Encoding.ASCII.GetBytes(string.Create(null,
            $"HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: {body.Length}\r\n\r\n{body}"));
        _listener.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        _listener.Listen();
        Address = (IPEndPoint)_listener.LocalEndPoint!;
        _accepting = AcceptAsync();
    }

    public IPEndPoint Address { get; }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _accepting;
        await Task.WhenAll(_serving);
        _listener.Dispose();
        _stop.Dispose();
    }

    private async Task AcceptAsync()
    {
        try
        {
            while (true)
            {
                Socket client = await _listener.AcceptAsync(_stop.Token);
                _serving.RemoveAll(t => t.IsCompletedSuccessfully);
                _serving.Add(ServeAsync(client));
            }
        }
        catch (OperationCanceledException)
        {
            // Stopped.
        }
    }

    private async Task ServeAsync(Socket client)
    {
        using Socket owned = client;
        client.NoDelay = true;
        var requests = new MessageReader(client);
        try
        {
            while (await requests.ReadHeadAsync(_stop.Token) is string head)
            {
                await client.SendAsync(_answer, _stop.Token);
                if (MessageReader.SaysClose(head))
                {
                    break;
                }
            }

            client.Shutdown(SocketShutdown.Send);
        }
        catch (Exception e) when (e is SocketException or OperationCanceledException)
        {
            // The engine went away, or the demo ended.
        }
    }
}
