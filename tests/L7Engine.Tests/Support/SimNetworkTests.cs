using System.IO.Pipelines;
using System.Net;
using L7Engine.Transport;
using NUnit.Framework;

namespace L7Engine.Tests.Support;

[TestFixture]
[FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
internal sealed class SimNetworkTests
{
    private static readonly IPEndPoint Address = new(IPAddress.Loopback, 80);
    private static readonly ListenSettings Settings = new(Backlog: 16, SharePort: false, default);

    private readonly SimNetwork _net = new(seed: 7);

    [Test]
    public void A_loop_answers_a_client()
    {
        StartEcho(_net.CreateLoop());
        SimPeer client = _net.Connect(Address);

        client.Send("hello");
        _net.RunUntilIdle();

        Assert.That(client.Text, Is.EqualTo("hello"));
    }

    [Test]
    public void A_steady_echo_allocates_nothing()
    {
        StartEcho(_net.CreateLoop());
        SimPeer client = _net.Connect(Address);
        byte[] message = new byte[700];
        Exchange(client, message, 100);

        long before = GC.GetAllocatedBytesForCurrentThread();
        Exchange(client, message, 10_000);

        Assert.That(GC.GetAllocatedBytesForCurrentThread() - before, Is.Zero);
    }

    private static void StartEcho(MemoryLoop loop) => loop.Do(() => { _ = ServeAsync(loop.Listen(Address, Settings)); });

    private static async Task ServeAsync(TransportListener listener)
    {
        while (await listener.AcceptAsync() is { } connection)
        {
            _ = EchoAsync(connection);
        }
    }

    private static async Task EchoAsync(TransportConnection connection)
    {
        while (true)
        {
            ReadResult read = await connection.Input.ReadAsync();
            await connection.Output.WriteAsync(read.Buffer.First);
            connection.Input.AdvanceTo(read.Buffer.End);
            if (read.IsCompleted)
            {
                connection.Close();
                return;
            }
        }
    }

    private void Exchange(SimPeer client, byte[] message, int count)
    {
        for (int i = 0; i < count; i++)
        {
            client.Clear();
            client.Send(message);
            _net.RunUntilIdle();
            if (client.Received.Length != message.Length)
            {
                Assert.Fail($"Got {client.Received.Length} bytes.");
            }
        }
    }
}
