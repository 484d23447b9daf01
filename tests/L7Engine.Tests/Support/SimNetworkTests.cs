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
    private static readonly ListenSettings Settings = new(Backlog: 16, SharePort: true, default);

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

        Assert.That(Allocated.BytesBy(() => Exchange(client, message, 10_000)), Is.Zero);
    }

    [Test]
    public void Every_chance_at_once_loses_no_byte_of_a_connection_that_lives([Range(1, 30)] int seed)
    {
        SimNetwork net = RoughNetwork(seed, Faults.Rough);
        StartEcho(net.CreateLoop());
        byte[] sent = new byte[100_000];
        new Random(seed).NextBytes(sent);
        SimPeer client = net.Connect(Address);

        client.Send(sent);
        client.HalfClose();
        net.RunUntilIdle();

        Assert.That(client.Received.SequenceEqual(sent), $"seed {seed}");
        Assert.That((client.IsFinished, client.Error), Is.EqualTo((true, 0)), $"seed {seed}");
    }

    [Test]
    public void What_a_lost_connection_had_received_is_a_beginning_of_what_was_sent([Range(1, 30)] int seed)
    {
        SimNetwork net = RoughNetwork(seed, Faults.Hostile);
        MemoryLoop loop = net.CreateLoop();
        StartEcho(loop);
        byte[] sent = new byte[20_000];
        new Random(seed).NextBytes(sent);
        SimPeer client = net.Connect(Address);

        client.Send(sent);
        client.Close();
        net.RunUntilIdle();

        Assert.That(client.Received.SequenceEqual(sent.AsSpan(0, client.Received.Length)), $"seed {seed}");
        Assert.That((loop.Connections.Count, loop.Blocks.RentedCount), Is.EqualTo((0, 0)), $"seed {seed}");
    }

    [Test]
    public void A_seed_decides_everything()
    {
        string first = TraceOf(seed: 5);

        Assert.That(TraceOf(seed: 5), Is.EqualTo(first));
        Assert.That(TraceOf(seed: 6), Is.Not.EqualTo(first));
    }

    [Test]
    public void What_never_ends_is_reported_with_its_seed()
    {
        _net.Scheduler.MaxSteps = 1000;
        MemoryLoop loop = _net.CreateLoop();
        loop.Post(Again, loop);

        Assert.That(_net.RunUntilIdle, Throws.TypeOf<SimulationException>().With.Message.Contains("Seed 7"));

        static void Again(object? loop) => ((MemoryLoop)loop!).Post(Again, loop);
    }

    [Test]
    public void What_is_thrown_on_a_loop_is_reported_with_its_seed()
    {
        _net.CreateLoop().Post(_ => throw new InvalidOperationException("a defect"), null);

        Assert.That(_net.RunUntilIdle, Throws.TypeOf<SimulationException>().With.Message.Contains("Seed 7"));
    }

    [Test]
    public void Time_passes_only_as_far_as_the_network_needs_it()
    {
        _net.Link = new LinkSettings { Latency = TimeSpan.FromMilliseconds(30) };
        StartEcho(_net.CreateLoop());
        TimeSpan start = _net.Now;
        SimPeer client = _net.Connect(Address);

        client.Send("x");
        _net.RunUntilIdle();

        Assert.That(_net.Now - start, Is.EqualTo(TimeSpan.FromMilliseconds(120)), "handshake, and there and back");
    }

    [Test]
    public void Loops_that_listen_at_one_address_all_get_connections()
    {
        for (int i = 0; i < 3; i++)
        {
            StartEcho(_net.CreateLoop());
        }

        for (int i = 0; i < 50; i++)
        {
            _net.Connect(Address);
        }

        _net.RunUntilIdle();

        Assert.That(_net.Loops.Select(loop => loop.Connections.Count), Is.All.GreaterThan(5));
    }

    [Test]
    public void A_stopped_loop_has_closed_what_was_open_and_takes_no_work()
    {
        MemoryLoop loop = _net.CreateLoop();
        StartEcho(loop);
        SimPeer client = _net.Connect(Address);
        _net.RunUntilIdle();

        _net.Wait(loop.StopAsync);
        _net.RunUntilIdle();

        Assert.That((client.IsFinished, loop.Connections.Count), Is.EqualTo((true, 0)));
        Assert.That(loop.Post(_ => { }, null), Is.False);
    }

    private static SimNetwork RoughNetwork(int seed, Faults faults) => new(seed)
    {
        Link = new LinkSettings
        {
            Faults = faults,
            Latency = TimeSpan.FromMilliseconds(5),
            MaxJitter = TimeSpan.FromMilliseconds(20),
            SendBufferBytes = 1000,
            ReceiveBufferBytes = 700,
        },
    };

    private static string TraceOf(int seed)
    {
        SimNetwork net = RoughNetwork(seed, Faults.Rough);
        StartEcho(net.CreateLoop());
        SimPeer client = net.Connect(Address);
        List<int> pieces = [];
        client.OnReceived = peer => pieces.Add(peer.Received.Length);
        client.Send(new byte[5000]);
        net.RunUntilIdle();
        return $"{string.Join(' ', pieces)}, {net.Now}, {net.Scheduler.Steps}";
    }

    private static void StartEcho(MemoryLoop loop) =>
        loop.Do(() => { _ = ServeAsync(loop.Listen(Address, Settings)); });

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
            if (read.IsCompleted || connection.IsDead)
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
