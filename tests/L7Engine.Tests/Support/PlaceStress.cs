using L7Engine.Backends;
using L7Engine.Backends.Places;

namespace L7Engine.Tests.Support;

/// <summary>Threads that take places at backends as loops do, and count a second time what nobody may exceed.</summary>
internal sealed class PlaceStress(Backend[] backends)
{
    private const int Steps = 5_000;
    private const int EnoughWaits = 2_000;

    private readonly int[] _held = new int[backends.Length];
    private int _exceeded;
    private int _waited;

    public GroupPlaces Places { get; } = new(backends);

    public int Exceeded => _exceeded;

    public int Waited => _waited;

    /// <summary>One thread's life.</summary>
    /// <remarks>It lasts until the threads have met often: on a busy machine each may run alone for thousands of steps.</remarks>
    public void Live(int seed)
    {
        var random = new Random(seed);
        using var woken = new AutoResetEvent(initialState: false);
        var request = new QueuedRequest(woken.Set);
        for (int step = 0; step < Steps || Volatile.Read(ref _waited) < EnoughWaits; step++)
        {
            if ((TryTake(random) ?? Wait(request, woken, random)) is { } place)
            {
                Hold(place, random);
                Places.Release(place);
            }
        }
    }

    private BackendState? TryTake(Random random)
    {
        Backend backend = backends[random.Next(backends.Length)];
        return backend.State.TryTakePlace(backend.MaxInFlight) ? backend.State : null;
    }

    private BackendState? Wait(QueuedRequest request, AutoResetEvent woken, Random random)
    {
        QueueStep step = Places.Enter(request, backends, max: 1_000);
        if (step == QueueStep.Waiting)
        {
            Interlocked.Increment(ref _waited);
            step = random.Next(10) == 0 ? Places.Leave(request, QueueStep.Left) : Await(request, woken);
        }

        BackendState? place = step == QueueStep.Granted ? Places.Claim(request) : null;
        request.Clear();
        return place;
    }

    // A thread may be woken for an earlier wait that it has left: it looks again.
    private QueueStep Await(QueuedRequest request, AutoResetEvent woken)
    {
        QueueStep step;
        while ((step = Places.StepOf(request)) == QueueStep.Waiting)
        {
            woken.WaitOne();
        }

        return step;
    }

    private void Hold(BackendState place, Random random)
    {
        int index = Array.FindIndex(backends, b => b.State == place);
        if (Interlocked.Increment(ref _held[index]) > backends[index].MaxInFlight)
        {
            Interlocked.Increment(ref _exceeded);
        }

        if (random.Next(4) == 0)
        {
            Thread.Yield();
        }

        Interlocked.Decrement(ref _held[index]);
    }
}
