using System.Diagnostics;
using L7Engine.EndToEnd.Tests.Support;
using L7Engine.Tests.Transport;
using L7Engine.Transport;
using NUnit.Framework;

namespace L7Engine.EndToEnd.Tests.Transport;

/// <summary>What a loop with a thread of its own must do, whatever it waits on.</summary>
internal abstract class ThreadLoopContract
{
    private ThreadBed _bed = null!;

    [SetUp]
    public void SetUp() => _bed = new ThreadBed(CreateTransport());

    [TearDown]
    public void TearDown() => _bed.Dispose();

    protected abstract ITransport CreateTransport();

    [Test]
    public void What_a_thread_posts_runs_in_order_on_the_loop()
    {
        const int Threads = 8, Each = 5_000;
        EventLoop loop = _bed.CreateLoop();
        int[] next = new int[Threads];
        var done = new CountdownEvent(Threads * Each);
        bool isInOrder = true;

        Parallel.For(0, Threads, new ParallelOptions { MaxDegreeOfParallelism = Threads }, thread =>
        {
            for (int i = 0; i < Each; i++)
            {
                int number = i;
                loop.Post(
                    _ =>
                    {
                        isInOrder &= loop.IsCurrent && next[thread]++ == number;
                        done.Signal();
                    },
                    null);
            }
        });

        Assert.That(done.Wait(Patience.Cap));
        Assert.That(isInOrder);
    }

    [Test]
    public void Foreign_code_comes_back_to_the_loop() => _bed.Run(async loop =>
    {
        await Task.Run(() => Assert.That(loop.IsCurrent, Is.False));

        Assert.That(loop.IsCurrent);
    });

    [Test]
    public void An_exception_is_reported_and_the_loop_goes_on() => _bed.Run(async loop =>
    {
        var reported = new List<Exception>();
        loop.Faulted = reported.Add;
        var bug = new InvalidOperationException("bug");

        loop.Post(_ => throw bug, null);
        loop.Defer(_ => throw bug, null);
        await LoopDelay.Of(loop, 1);

        Assert.That(reported, Is.EqualTo(new[] { bug, bug }));
        Assert.That(loop.Faults, Is.EqualTo(2));
    });

    [Test]
    public void A_turn_that_takes_a_second_is_counted() => _bed.Run(async loop =>
    {
        long start = Stopwatch.GetTimestamp();
        while (Stopwatch.GetElapsedTime(start) < TimeSpan.FromSeconds(1.1))
        {
            Thread.Yield();
        }

        await LoopDelay.Of(loop, 1);

        // A machine that lets the loop stand still for a second makes a stall of that, too.
        Assert.That(loop.Stalls, Is.AtLeast(1));
    });

    [Test]
    public void A_loop_with_nothing_to_do_does_not_turn() => _bed.Run(async loop =>
    {
        await LoopDelay.Of(loop, 1);
        int turn = loop.Turn;
        await Task.Delay(500);

        Assert.That(loop.Turn - turn, Is.LessThan(4));
    });

    [Test]
    public void Stopping_runs_what_was_posted_and_ends_what_waits()
    {
        EventLoop loop = _bed.CreateLoop();
        bool hasRun = false;
        Task waiting = ThreadBed.OnAsync(loop, async () =>
        {
            (TransportConnection near, _) = await Loopback.OpenPairAsync(loop);
            loop.Post(_ => hasRun = true, null);
            Task stopping = loop.StopAsync();
            Assert.That((await near.Input.ReadAsync()).IsCompleted);
            Assert.That(stopping.IsCompleted, Is.False);
        });

        ThreadBed.Wait(waiting);
        ThreadBed.Wait(loop.StopAsync());

        Assert.That(hasRun);
        Assert.That(loop.Blocks.RentedCount, Is.Zero);
        Assert.That(loop.Post(_ => { }, null), Is.False);
    }

    [Test]
    public void Stopping_leaves_no_descriptor_and_no_thread_behind()
    {
        if (!OperatingSystem.IsLinux())
        {
            Assert.Ignore("Counted in /proc.");
        }

        StopOne();
        int before = Descriptors();
        for (int i = 0; i < 20; i++)
        {
            StopOne();
        }

        // A thread ends a little after its loop.
        Assert.That(Patience.Until(() => ProcessFigures.LoopThreads() == 0), $"{ProcessFigures.LoopThreads()} threads left");
        Assert.That(Patience.Until(() => Descriptors() < before + 10), $"{before} descriptors, then {Descriptors()}");
    }

    private void StopOne()
    {
        EventLoop loop = CreateTransport().CreateLoop(new LoopSettings(0, 1 << 20, TimeProvider.System));
        ThreadBed.Wait(ThreadBed.OnAsync(loop, async () => await Loopback.OpenPairAsync(loop)));
        ThreadBed.Wait(loop.StopAsync());
    }

    private static int Descriptors() => Directory.GetFiles("/proc/self/fd").Length;
}
