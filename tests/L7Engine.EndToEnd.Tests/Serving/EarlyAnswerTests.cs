using System.Net.Sockets;
using L7Engine.EndToEnd.Tests.Support;
using NUnit.Framework;

namespace L7Engine.EndToEnd.Tests.Serving;

/// <summary>A backend that answers before it has the whole request: the client gets to see the answer.</summary>
[TestFixture]
internal sealed class EarlyAnswerTests
{
    private const int BodyBytes = 64 * 1_024 * 1_024;

    private const string Refusal = "HTTP/1.1 413 Content Too Large\r\nContent-Length: 9\r\nConnection: close\r\n\r\n"
        + "too large";

    [TestCase(false, TestName = "The_client_sees_a_413_of_a_backend_that_finishes_in_order")]
    [TestCase(true, TestName = "The_client_sees_a_413_of_a_backend_that_closes_on_unread_bytes")]
    public async Task The_client_sees_the_413(bool isBrutal)
    {
        await using var backend = new ScriptedBackend(stream => RefuseAsync(stream, isBrutal));
        await using HostProcess host = await HostProcess.ServeAsync(backend.Address);
        using WireStream client = await WireStream.ConnectAsync(host.Address);

        Task sending = SendBodyAsync(client);
        WireHead? head = await client.ReadHeadAsync();
        byte[] body = await client.ReadBodyAsync(head!);
        await sending;

        Assert.That(head!.Status, Is.EqualTo(413));
        Assert.That(head["Connection"], Is.EqualTo("close"));
        Assert.That(body, Is.EqualTo("too large"u8.ToArray()));
        Assert.That(backend.Failures, Is.Empty);
    }

    private static async Task RefuseAsync(WireStream stream, bool isBrutal)
    {
        await stream.ReadHeadAsync();
        await stream.ReadExactlyAsync(100_000);
        await stream.SendAsync(Refusal);
        if (!isBrutal)
        {
            // To close while bytes still come would reset the connection, and might take the answer back.
            stream.Finish();
            await stream.ReadToEndAsync();
        }
    }

    // Ends when the body is sent, or when the engine takes no more of it.
    private static async Task SendBodyAsync(WireStream client)
    {
        try
        {
            await client.SendAsync($"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: {BodyBytes}\r\n\r\n");
            byte[] block = new byte[64 * 1_024];
            for (int sent = 0; sent < BodyBytes; sent += block.Length)
            {
                await client.SendAsync(block);
            }
        }
        catch (SocketException)
        {
            // It closed after the answer: that is its right.
        }
    }
}
