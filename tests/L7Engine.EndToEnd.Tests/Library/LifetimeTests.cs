using System.Net;
using System.Net.Sockets;
using L7Engine.EndToEnd.Tests.Support;
using NUnit.Framework;

namespace L7Engine.EndToEnd.Tests.Library;

/// <summary>What an engine takes of its process, and that it gives it back.</summary>
[TestFixture]
internal sealed class LifetimeTests
{
    private static readonly IPEndPoint Nowhere = new(IPAddress.Loopback, 9);

    [Test]
    public async Task No_thread_runs_before_the_start_nor_after_the_end()
    {
        AwaitLoopsOfOthers();
        var balancer = new LoadBalancer(Engines.Options(Nowhere));
        Assert.That(ProcessFigures.LoopThreads(), Is.Zero);

        await balancer.StartAsync();
        Assert.That(Patience.Until(() => ProcessFigures.LoopThreads() == 2), "a thread for each loop");

        await balancer.DisposeAsync();
        Assert.That(Patience.Until(() => ProcessFigures.LoopThreads() == 0), "no thread left behind");
    }

    [Test]
    public async Task No_descriptor_is_left_when_it_ends_with_connections_open()
    {
        await using ScriptedBackend backend = ScriptedBackend.Saying("hi");
        int before = EngineDescriptors();
        var clients = new List<WireStream>();
        await using (var balancer = new LoadBalancer(Engines.Options(backend.Address)))
        {
            await balancer.StartAsync();
            for (int i = 0; i < 8; i++)
            {
                WireStream client = await WireStream.ConnectAsync(balancer.LocalEndPoints[0]);
                clients.Add(client);
                await client.SendAsync("GET / HTTP/1.1\r\nHost: x\r\n\r\n");
                Assert.That((await client.ReadHeadAsync())!.Status, Is.EqualTo(200));
            }
        }

        clients.ForEach(client => client.Dispose());
        await backend.DisposeAsync();
        Assert.That(Patience.Until(() => EngineDescriptors() <= before - 1), $"{before}, now {EngineDescriptors()}");
    }

    [Test]
    public async Task The_addresses_are_known_from_the_start_on_with_their_real_ports()
    {
        await using var balancer = new LoadBalancer(Engines.Options(Nowhere) with
        {
            Listeners =
            [
                new ListenerOptions { Name = "a", Address = new IPEndPoint(IPAddress.Loopback, 0) },
                new ListenerOptions { Name = "b", Address = new IPEndPoint(IPAddress.IPv6Loopback, 0) },
            ],
        });
        Assert.That(balancer.LocalEndPoints, Is.Empty);

        await balancer.StartAsync();

        Assert.That(balancer.LocalEndPoints.Select(e => e.Address), Is.EqualTo(
            new[] { IPAddress.Loopback, IPAddress.IPv6Loopback }));
        Assert.That(balancer.LocalEndPoints.Select(e => e.Port), Is.All.Positive);
    }

    [Test]
    public async Task An_address_in_use_is_told_and_nothing_is_left_of_the_attempt()
    {
        using var taken = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        taken.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        taken.Listen();
        var address = (IPEndPoint)taken.LocalEndPoint!;
        AwaitLoopsOfOthers();
        int descriptors = EngineDescriptors();

        await using var balancer = new LoadBalancer(Engines.Options(address, Nowhere));
        ListenException told = (await Assert.ThrowsAsync<ListenException>(() => balancer.StartAsync()))!;

        Assert.That((told.Address, told.Error), Is.EqualTo((address, SocketError.AddressAlreadyInUse)));
        Assert.That(balancer.LocalEndPoints, Is.Empty);
        Assert.That(Patience.Until(() => ProcessFigures.LoopThreads() == 0), "no thread left behind");
        Assert.That(EngineDescriptors(), Is.AtMost(descriptors));
    }

    [Test]
    public async Task When_the_second_of_two_addresses_is_in_use_the_first_is_let_go()
    {
        await using var first = new LoadBalancer(Engines.Options(Nowhere));
        await first.StartAsync();
        IPEndPoint free = FreeAddress();
        await using var second = new LoadBalancer(Engines.Options(Nowhere) with
        {
            Listeners =
            [
                new ListenerOptions { Name = "free", Address = free },
                new ListenerOptions { Name = "taken", Address = first.LocalEndPoints[0] },
            ],
        });
        await Assert.ThrowsAsync<ListenException>(() => second.StartAsync());

        await using var third = new LoadBalancer(Engines.Options(free, Nowhere));
        await third.StartAsync();
        Assert.That(third.LocalEndPoints[0], Is.EqualTo(free));
    }

    // What anybody opens meanwhile gets its port at another address.
    private static IPEndPoint FreeAddress()
    {
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        socket.Bind(new IPEndPoint(IPAddress.Parse("127.0.7.1"), 0));
        return (IPEndPoint)socket.LocalEndPoint!;
    }

    // A thread ends a little after its engine has.
    private static void AwaitLoopsOfOthers() => Assert.That(Patience.Until(() => ProcessFigures.LoopThreads() == 0));

    private static int EngineDescriptors() => ProcessFigures.Descriptors().Count(target =>
        target.StartsWith("socket:", StringComparison.Ordinal)
        || target is "anon_inode:[eventpoll]" or "anon_inode:[eventfd]");
}
