using System.Net.Sockets;
using System.Net.WebSockets;
using System.Security.Cryptography;
using System.Text;
using L7Engine.EndToEnd.Tests.Support;
using NUnit.Framework;

namespace L7Engine.EndToEnd.Tests.Serving;

/// <summary>A switch of protocols: after it the bytes go through as they are, both ways.</summary>
[TestFixture]
internal sealed class WebSocketTests
{
    [Test]
    public async Task Messages_of_any_size_come_back_and_the_close_goes_through()
    {
        await using var backend = new ScriptedBackend(EchoAsync);
        await using HostProcess host = await HostProcess.ServeAsync(backend.Address);
        using var cap = new CancellationTokenSource(Patience.Cap);
        using var client = new ClientWebSocket();
        await client.ConnectAsync(new Uri($"ws://{host.Address}/echo"), cap.Token);

        foreach (int size in (int[])[0, 1, 125, 126, 65_535, 65_536, 3_000_000])
        {
            byte[] message = RandomNumberGenerator.GetBytes(size);
            Task send = client.SendAsync(message, WebSocketMessageType.Binary, endOfMessage: true, cap.Token);
            Assert.That(await ReceiveAsync(client, cap.Token), Is.EqualTo(message));
            await send;
        }

        await client.CloseAsync(WebSocketCloseStatus.NormalClosure, "done", cap.Token);
        Assert.That(client.CloseStatusDescription, Is.EqualTo("echo of done"));
        Assert.That(backend.Failures, Is.Empty);
    }

    [Test]
    public async Task A_tunnel_that_the_client_resets_is_reset_towards_the_backend()
    {
        var ended = new TaskCompletionSource();
        await using var backend = new ScriptedBackend(async stream =>
        {
            await AcceptAsync(stream);
            try
            {
                await stream.ReadToEndAsync();
            }
            finally
            {
                ended.SetResult();
            }
        });
        await using HostProcess host = await HostProcess.ServeAsync(backend.Address);
        using WireStream client = await WireStream.ConnectAsync(host.Address);
        await client.SendAsync("GET / HTTP/1.1\r\nHost: x\r\nConnection: upgrade\r\nUpgrade: websocket\r\n"
            + "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n");
        Assert.That((await client.ReadHeadAsync())!.Status, Is.EqualTo(101));

        client.Reset();

        await Patience.ForAsync(ended.Task, "the end of the backend's connection");
    }

    private static async Task EchoAsync(WireStream stream)
    {
        await AcceptAsync(stream);
        await using var network = new NetworkStream(stream.Socket);
        using var socket = WebSocket.CreateFromStream(network, isServer: true, null, Timeout.InfiniteTimeSpan);
        byte[] block = new byte[16 * 1_024];
        using var cap = new CancellationTokenSource(Patience.Cap);
        while (await socket.ReceiveAsync(block.AsMemory(), cap.Token) is var part
            && part.MessageType != WebSocketMessageType.Close)
        {
            await socket.SendAsync(block.AsMemory(0, part.Count), part.MessageType, part.EndOfMessage, cap.Token);
        }

        string echo = $"echo of {socket.CloseStatusDescription}";
        await socket.CloseAsync(WebSocketCloseStatus.NormalClosure, echo, cap.Token);
    }

    private static async Task AcceptAsync(WireStream stream)
    {
        WireHead head = await stream.ReadHeadAsync() ?? throw new EndOfStreamException("No handshake came.");

        // RFC 6455 section 4.2.2 asks for this hash and this text.
#pragma warning disable CA5350
        byte[] hash = SHA1.HashData(Encoding.ASCII.GetBytes(
            head["Sec-WebSocket-Key"] + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"));
#pragma warning restore CA5350
        await stream.SendAsync("HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
            + $"Sec-WebSocket-Accept: {Convert.ToBase64String(hash)}\r\n\r\n");
    }

    private static async Task<byte[]> ReceiveAsync(ClientWebSocket client, CancellationToken cap)
    {
        var message = new MemoryStream();
        byte[] block = new byte[16 * 1_024];
        ValueWebSocketReceiveResult part;
        do
        {
            part = await client.ReceiveAsync(block.AsMemory(), cap);
            message.Write(block, 0, part.Count);
        }
        while (!part.EndOfMessage);

        return message.ToArray();
    }
}
