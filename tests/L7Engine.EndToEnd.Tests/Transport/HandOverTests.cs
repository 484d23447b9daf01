using L7Engine.EndToEnd.Tests.Support;
using L7Engine.Transport;
using L7Engine.Transport.Epoll;
using NUnit.Framework;

namespace L7Engine.EndToEnd.Tests.Transport;

/// <summary>A loop that has far more connections than the others gives new ones away.</summary>
[TestFixture]
[Platform("Linux")]
internal sealed class HandOverTests
{
    // 100 > 1.25 × (100 + n) / 2 + 16 holds for every n up to 34.
    private const int AtFull = 100;
    private const int More = 34;

    private static readonly int CapMilliseconds = (int)Patience.Cap.TotalMilliseconds;

    private readonly List<TransportConnection> _atFull = [];
    private readonly List<TransportConnection> _atEmpty = [];
    private ThreadBed _bed = null!;
    private ThreadBed _clientBed = null!;
    private EventLoop _full = null!;
    private EventLoop _empty = null!;
    private EventLoop _clients = null!;
    private EpollListener _fullListener = null!;
    private EpollListener _emptyListener = null!;

    private int CountAtFull => ThreadBed.OnAsync(_full, () => _atFull.Count).Result;

    private int CountAtEmpty => ThreadBed.OnAsync(_empty, () => _atEmpty.Count).Result;

    [SetUp]
    public void SetUp()
    {
        _bed = new ThreadBed(new EpollTransport());
        _clientBed = new ThreadBed(new EpollTransport());
        (_full, _empty, _clients) = (_bed.CreateLoop(), _bed.CreateLoop(), _clientBed.CreateLoop());
        _atFull.Clear();
        _atEmpty.Clear();
        _fullListener = Listen(_full, () => _full.Listen(Loopback.AnyPort, Loopback.Settings), _atFull);
        Connect(AtFull);
        Assert.That(() => CountAtFull, Is.EqualTo(AtFull).After(CapMilliseconds, 10));
        _emptyListener = Listen(
            _empty, () => _empty.Listen(_fullListener.Address, Loopback.Settings with { IsSibling = true }), _atEmpty);
    }

    [TearDown]
    public void TearDown()
    {
        _clientBed.Dispose();
        _bed.Dispose();
    }

    [Test]
    public void New_connections_go_to_the_loop_that_has_few()
    {
        Connect(More);

        Assert.That(() => CountAtEmpty, Is.EqualTo(More).After(CapMilliseconds, 10));
        Assert.That(CountAtFull, Is.EqualTo(AtFull));
        Assert.That((((EpollLoop)_full).Held, ((EpollLoop)_empty).Held), Is.EqualTo((AtFull, More)));
    }

    [Test]
    public void A_connection_that_was_handed_over_lives_on_its_new_loop()
    {
        Connect(More);
        Assert.That(() => CountAtEmpty, Is.EqualTo(More).After(CapMilliseconds, 10));

        ThreadBed.Wait(ThreadBed.OnAsync(_empty, async () =>
        {
            foreach (TransportConnection connection in _atEmpty)
            {
                Assert.That(connection.Loop, Is.SameAs(_empty));
                Assert.That(connection.RemoteAddress.Port, Is.Not.Zero);
                await connection.Output.WriteAsync("x"u8.ToArray());
                connection.Close();
            }
        }));

        Assert.That(((EpollLoop)_empty).Held, Is.Zero);
    }

    [Test]
    public void A_listener_that_does_not_accept_gets_nothing()
    {
        ThreadBed.Wait(ThreadBed.OnAsync(_empty, () =>
        {
            _emptyListener.Close();
            return Task.CompletedTask;
        }));

        Connect(More);

        Assert.That(() => CountAtFull, Is.EqualTo(AtFull + More).After(CapMilliseconds, 10));
        Assert.That(CountAtEmpty, Is.Zero);
    }

    [Test]
    public void What_arrives_at_a_listener_that_has_closed_goes_back()
    {
        ThreadBed.Wait(ThreadBed.OnAsync(_empty, () =>
        {
            _emptyListener.Close();

            // A descriptor of any connection will do.
            RawSocket.Connect(_fullListener.Address, default, out int descriptor);
            ((EpollLoop)_empty).Hold(1);
            _emptyListener.Take(new HandedDescriptor(descriptor, default, _fullListener, _emptyListener));
            return Task.CompletedTask;
        }));

        Assert.That(
            () => ThreadBed.OnAsync(_full, () => _atFull.Exists(one => one.RemoteAddress == default)).Result,
            Is.True.After(CapMilliseconds, 10));
        Assert.That(((EpollLoop)_empty).Held, Is.Zero);
    }

    private static EpollListener Listen(
        EventLoop loop, Func<TransportListener> listen, List<TransportConnection> accepted)
    {
        Task<EpollListener> listening = ThreadBed.OnAsync(loop, () =>
        {
            var listener = (EpollListener)listen();
            _ = Loopback.AcceptAllAsync(listener, accepted);
            return listener;
        });
        ThreadBed.Wait(listening);
        return listening.Result;
    }

    private void Connect(int count) => _clientBed.Run(_clients, async () =>
    {
        for (int i = 0; i < count; i++)
        {
            await Loopback.ConnectAsync(_clients, _fullListener.Address);
        }
    });
}
