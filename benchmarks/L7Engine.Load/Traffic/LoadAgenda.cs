using System.Diagnostics.CodeAnalysis;

namespace L7Engine.Load.Traffic;

/// <summary>Which client asks next, and when it should have: at a fixed rate, or each once it has thought.</summary>
/// <remarks>Not thread-safe: its loop's thread owns it. All times are in nanoseconds.</remarks>
internal sealed class LoadAgenda(ThinkTime think, Random random)
{
    private readonly PriorityQueue<LoadConnection, long> _waiting = new();
    private readonly Queue<LoadConnection> _idle = new();
    private readonly Queue<long> _late = new();
    private OpenSchedule? _schedule;
    private long _end;

    /// <summary>Requests of an open loop that are due and that no client was free for.</summary>
    public int LateCount => _late.Count;

    /// <summary>When to look again, unless something happens before.</summary>
    public long Next => Math.Min(
        _schedule?.Next ?? long.MaxValue, _waiting.TryPeek(out _, out long first) ? first : long.MaxValue);

    /// <param name="rate">Requests a second of an open loop; 0 is a closed one.</param>
    public void Begin(double rate, long now, long end)
    {
        _schedule = rate > 0 ? new OpenSchedule(rate, now) : null;
        _end = end;
    }

    /// <summary>A client is free.</summary>
    /// <param name="intended">When the request that it is to send now should have been sent.</param>
    /// <returns>False when it has nothing to send yet, or no more.</returns>
    public bool TryOffer(LoadConnection client, long now, out long intended)
    {
        if (_schedule is not null)
        {
            if (_late.TryDequeue(out intended))
            {
                return true;
            }

            _idle.Enqueue(client);
            return false;
        }

        intended = now;
        if (now >= _end)
        {
            return false;
        }

        long pause = think.Draw(random).Ticks * TimeSpan.NanosecondsPerTick;
        if (pause > 0)
        {
            _waiting.Enqueue(client, now + pause);
        }

        return pause <= 0;
    }

    /// <summary>A client must not ask before then.</summary>
    public void Delay(LoadConnection client, long until) => _waiting.Enqueue(client, until);

    /// <summary>Takes one that is to send by now: call it until there is none.</summary>
    public bool TryTakeDue(long now, [NotNullWhen(true)] out LoadConnection? client, out long intended)
    {
        while (_schedule is { } schedule && schedule.Next <= now)
        {
            _late.Enqueue(schedule.Next);
            schedule.Advance();
        }

        if (_late.Count > 0 && _idle.TryDequeue(out client))
        {
            intended = _late.Dequeue();
            return true;
        }

        while (_waiting.TryPeek(out client, out intended) && intended <= now)
        {
            _waiting.Dequeue();
            if (_schedule is null || TryOffer(client, now, out intended))
            {
                return true;
            }
        }

        return false;
    }
}
