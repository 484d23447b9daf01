using System.Net;
using System.Net.Sockets;

namespace L7Engine.Host.Demo;

/// <summary>Sends one request after another, on one connection or on one connection each.</summary>
internal sealed class DemoClient(IPEndPoint engine)
{
    private static readonly byte[] KeepAliveRequest = "GET /demo HTTP/1.1\r\nHost: demo\r\n\r\n"u8.ToArray();

    private static readonly byte[] CloseRequest =
        "GET /demo HTTP/1.1\r\nHost: demo\r\nConnection: close\r\n\r\n"u8.ToArray();

    /// <summary>Sends until the phase ends or a request fails. A request that is open then is finished first.</summary>
    /// <param name="abort">Gives up what is open.</param>
    public async Task RunAsync(bool keepAlive, DemoTally tally, CancellationToken phase, CancellationToken abort)
    {
        bool isAnswered = true;
        while (isAnswered && !phase.IsCancellationRequested)
        {
            try
            {
                isAnswered = await UseConnectionAsync(keepAlive, tally, phase, abort);
            }
            catch (Exception e) when (e is SocketException or OperationCanceledException)
            {
                isAnswered = false;
            }
        }

        if (!isAnswered)
        {
            tally.CountFailure();
        }
    }

    private async Task<bool> UseConnectionAsync(
        bool keepAlive, DemoTally tally, CancellationToken phase, CancellationToken abort)
    {
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        socket.NoDelay = true;
        await socket.ConnectAsync(engine, abort);
        tally.CountConnection();
        var responses = new MessageReader(socket);
        bool isOpen = true;
        while (isOpen && !phase.IsCancellationRequested)
        {
            await socket.SendAsync(keepAlive ? KeepAliveRequest : CloseRequest, abort);
            string? head = await responses.ReadHeadAsync(abort);
            if (head is null || !await IsExpectedAsync(head, responses, abort))
            {
                return false;
            }

            tally.CountRequest();
            isOpen = keepAlive && !MessageReader.SaysClose(head);
        }

        if (!isOpen)
        {
            // Who closes first keeps the TIME_WAIT. Here that is the engine, which has no ports to run out of.
            await responses.ReadHeadAsync(abort);
        }

        return true;
    }

    private static async ValueTask<bool> IsExpectedAsync(
        string head, MessageReader responses, CancellationToken abort)
    {
        int bodyBytes = MessageReader.BodyBytesOf(head);
        return head.StartsWith("HTTP/1.1 200 ", StringComparison.Ordinal) && bodyBytes >= 0
            && await responses.ReadBodyAsync(bodyBytes, abort) is string body
            && body.StartsWith(DemoBackend.Greeting, StringComparison.Ordinal);
    }
}
