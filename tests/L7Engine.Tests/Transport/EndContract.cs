using System.IO.Pipelines;
using System.Net;
using System.Net.Sockets;
using L7Engine.Timing;
using L7Engine.Transport;
using NUnit.Framework;

namespace L7Engine.Tests.Transport;

/// <summary>How connections end: by FIN, by RST, by our own doing.</summary>
internal abstract class EndContract : TransportContract
{
    private const int ConnectionReset = 104;

    private static readonly TcpKeepAlive Probing = new(TimeSeconds: 70, IntervalSeconds: 7, Probes: 5);

    [Test]
    public void Each_direction_ends_on_its_own() => Run(async (near, far) =>
    {
        near.ShutdownWrite();
        byte[] nothing = await ReadAsync(far);
        await far.Output.WriteAsync("still here"u8.ToArray());
        far.ShutdownWrite();

        Assert.That(nothing, Is.Empty);
        Assert.That(await ReadAsync(near), Is.EqualTo("still here"u8.ToArray()));
        Assert.That((near.Error, far.Error, near.IsPeerFinished, far.IsPeerFinished), Is.EqualTo((0, 0, true, true)));
    });

    [Test]
    public void A_fin_right_behind_data_is_not_missed() => Run(async (near, far) =>
    {
        await far.Output.WriteAsync("last words"u8.ToArray());
        far.Close();
        await LoopDelay.Of(near.Loop, 1);

        Assert.That(await ReadAsync(near), Is.EqualTo("last words"u8.ToArray()));
        Assert.That(near.Error, Is.Zero);
    });

    // A system that is told that more will come holds back what it has, and closing with bytes unread drops that.
    [Test]
    public void Last_words_arrive_though_the_end_follows_at_once_and_bytes_are_unread() => Run(async (near, far) =>
    {
        await far.Output.WriteAsync("unread"u8.ToArray());
        await LoopDelay.Of(near.Loop, 1);
        near.IsEnding = true;
        await near.Output.WriteAsync("last words"u8.ToArray());
        near.Close();
        await LoopDelay.Of(near.Loop, 1);

        Assert.That(await ReadAsync(far), Is.EqualTo("last words"u8.ToArray()));
    });

    [TestCase(true)]
    [TestCase(false)]
    public void Last_words_that_the_system_does_not_take_at_once_arrive_before_the_end(bool closes) =>
        Run(async (near, far) =>
        {
            byte[] words = new byte[8 * 1024 * 1024];
            new Random(1).NextBytes(words);
            near.IsEnding = true;
            Task<FlushResult> write = near.Output.WriteAsync(words).AsTask();
            Task ending = EndAsync();
            byte[] received = await ReadAsync(far);
            await ending;

            Assert.That(received.AsSpan().SequenceEqual(words));
            Assert.That((far.IsPeerFinished, far.Error), Is.EqualTo((true, 0)));

            async Task EndAsync()
            {
                await write;
                if (closes)
                {
                    near.Close();
                }
                else
                {
                    near.ShutdownWrite();
                }
            }
        });

    [Test]
    public void A_reset_ends_a_read_that_waits() => Run(async (near, far) =>
    {
        Task<ReadResult> read = StartRead(near);
        far.Abort();

        Assert.That((await read).IsCompleted);
        Assert.That((near.Error, near.IsDead), Is.EqualTo((ConnectionReset, true)));
    });

    [Test]
    public void A_reset_ends_a_write_that_waits() => Run(async (near, far) =>
    {
        (Task<FlushResult> write, _) = Fill(near);
        far.Abort();

        Assert.That((await write).IsCompleted);
        Assert.That((near.Error, near.IsDead), Is.EqualTo((ConnectionReset, true)));
    });

    [Test]
    public void A_reset_ends_a_read_and_a_write_that_wait() => Run(async (near, far) =>
    {
        Task<ReadResult> read = StartRead(near);
        (Task<FlushResult> write, _) = Fill(near);
        far.Abort();

        Assert.That((await write).IsCompleted);
        Assert.That((await read).IsCompleted);
        Assert.That(near.Error, Is.EqualTo(ConnectionReset));
    });

    [Test]
    public void A_reset_is_told_to_the_watcher_of_an_idle_connection() => Run(async (near, far) =>
    {
        var log = new WatcherLog();
        near.Watcher = log;
        far.Abort();
        await LoopDelay.UntilAsync(near.Loop, () => log.Events.Contains(ConnectionEvent.Failed));

        Assert.That(log.Events, Does.Contain(ConnectionEvent.Failed));
        Assert.That((near.Error, near.IsDead), Is.EqualTo((ConnectionReset, true)));
    });

    [Test]
    public void A_fin_is_told_to_the_watcher_of_an_idle_connection() => Run(async (near, far) =>
    {
        var log = new WatcherLog();
        near.Watcher = log;
        far.Close();
        await LoopDelay.UntilAsync(near.Loop, () => log.Events.Contains(ConnectionEvent.PeerFinished));

        Assert.That(log.Events, Does.Contain(ConnectionEvent.PeerFinished));
        Assert.That((near.IsPeerFinished, near.IsDead), Is.EqualTo((true, false)));
    });

    [Test]
    public void A_byte_is_told_to_the_watcher_of_an_idle_connection() => Run(async (near, far) =>
    {
        var log = new WatcherLog();
        near.Watcher = log;
        await far.Output.WriteAsync("x"u8.ToArray());
        await LoopDelay.UntilAsync(near.Loop, () => log.Events.Contains(ConnectionEvent.Readable));

        Assert.That(log.Events, Does.Contain(ConnectionEvent.Readable));
    });

    [Test]
    public void What_came_before_a_reset_is_read_before_it() => Run(async (near, far) =>
    {
        await far.Output.WriteAsync("before"u8.ToArray());
        await LoopDelay.Of(near.Loop, 1);
        far.Abort();
        await LoopDelay.Of(near.Loop, 1);

        Assert.That(await ReadAsync(near), Is.EqualTo("before"u8.ToArray()));
        Assert.That(near.Error, Is.EqualTo(ConnectionReset));
    });

    [Test]
    public void A_connection_probes_its_peer_once_it_is_told_to() => Run((near, far) =>
    {
        TcpKeepAlive before = KeepAliveOf(near);
        near.StartProbes(Probing);

        Assert.That(before, Is.EqualTo(default(TcpKeepAlive)));
        Assert.That(KeepAliveOf(near), Is.EqualTo(Probing));
        Assert.That(KeepAliveOf(far), Is.EqualTo(default(TcpKeepAlive)));
        return Task.CompletedTask;
    });

    [Test]
    public void A_connection_that_the_peer_has_ended_can_be_told_to_probe() => Run(async (near, far) =>
    {
        far.Abort();
        await LoopDelay.Of(near.Loop, 1);

        near.StartProbes(Probing);

        Assert.That((await near.Input.ReadAsync()).IsCompleted);
    });

    [Test]
    public void Closing_with_bytes_unread_resets_the_peer() => Run(async (near, far) =>
    {
        await far.Output.WriteAsync("unread"u8.ToArray());
        await LoopDelay.Of(near.Loop, 1);
        near.Close();

        await ReadAsync(far);
        Assert.That(far.Error, Is.EqualTo(ConnectionReset));
    });

    [Test]
    public void A_write_to_a_peer_that_has_closed_fails_in_the_end() => Run(async (near, far) =>
    {
        far.Close();
        await LoopDelay.Of(near.Loop, 1);
        await near.Output.WriteAsync("to nobody"u8.ToArray());
        await LoopDelay.Of(near.Loop, 1);

        Assert.That((await near.Output.WriteAsync("again"u8.ToArray())).IsCompleted);
        Assert.That(near.IsDead);
    });

    [Test]
    public void Closing_ends_what_waits_but_not_inside_the_call() => Run(async (near, _) =>
    {
        bool isInside = false;
        Task<bool> read = EndsInsideAsync(StartRead(near), () => isInside);
        Task<bool> write = EndsInsideAsync(Fill(near).Write, () => isInside);

        isInside = true;
        near.Close();
        isInside = false;

        Assert.That(await read, Is.False);
        Assert.That(await write, Is.False);
        Assert.That((near.Error, near.IsDead), Is.EqualTo((0, true)));
    });

    [Test]
    public void What_is_called_after_closing_ends_at_once() => Run(async (near, _) =>
    {
        near.Close();
        near.Close();
        near.Abort();
        near.ShutdownWrite();
        near.Input.CancelPendingRead();
        near.Output.CancelPendingFlush();

        Assert.That((await near.Input.ReadAsync()).IsCompleted);
        Assert.That((await near.Input.ReadAsync()).IsCompleted);
        Assert.That((await near.Output.WriteAsync("x"u8.ToArray())).IsCompleted);
    });

    [Test]
    public void Connecting_to_where_nobody_listens_is_refused() => Run(async (near, _) =>
    {
        var anywhere = new IPEndPoint(IPAddress.Loopback, 0);
        TransportListener listener = near.Loop.Listen(anywhere, new ListenSettings(1, false, default));
        listener.Close();

        ConnectResult result = await near.Loop.ConnectAsync(listener.Address, default, TimerWheel.Never);

        Assert.That(result, Is.EqualTo(new ConnectResult(null, SocketError.ConnectionRefused)));
        Assert.That(result.IsLocalCause, Is.False);
    });

    [Test]
    public void Closing_what_is_being_opened_ends_the_attempt_but_not_inside_the_call() => Run(async (near, _) =>
    {
        var anywhere = new IPEndPoint(IPAddress.Loopback, 0);
        TransportListener listener = near.Loop.Listen(anywhere, new ListenSettings(1, false, default));
        ValueTask<ConnectResult> connecting = near.Loop.ConnectAsync(
            listener.Address, default, TimerWheel.Never, out TransportConnection? opening);

        opening!.Close();
        bool endedInside = connecting.IsCompleted;

        Assert.That(await connecting, Is.EqualTo(new ConnectResult(null, SocketError.OperationAborted)));
        Assert.That(endedInside, Is.False);
        listener.Close();
    });

    [Test]
    public void Closing_a_listener_ends_its_accept() => Run(async (near, _) =>
    {
        var anywhere = new IPEndPoint(IPAddress.Loopback, 0);
        TransportListener listener = near.Loop.Listen(anywhere, new ListenSettings(1, false, default));
        ValueTask<TransportConnection?> accept = listener.AcceptAsync();

        listener.Close();

        Assert.That(await accept, Is.Null);
        Assert.That(await listener.AcceptAsync(), Is.Null);
    });

    [Test]
    public void What_is_opened_while_the_loop_ends_is_closed_too() => RunToTheEnd(async (loop, elsewhere) =>
    {
        ConnectResult first = await loop.ConnectAsync(elsewhere.Address, default, TimerWheel.Never);
        Task<ReadResult> read = StartRead(first.Connection!);

        Task stopping = loop.StopAsync();
        Assert.That((await read).IsCompleted);
        ConnectResult second = await loop.ConnectAsync(elsewhere.Address, default, TimerWheel.Never);

        Assert.That(second.Connection, Is.Null);
        await stopping;
    });

    private static async Task<bool> EndsInsideAsync(Task<ReadResult> read, Func<bool> isInside)
    {
        ReadResult result = await read;
        Assert.That(result.IsCompleted);
        return isInside();
    }

    private static async Task<bool> EndsInsideAsync(Task<FlushResult> write, Func<bool> isInside)
    {
        FlushResult result = await write;
        Assert.That(result.IsCompleted);
        return isInside();
    }
}
