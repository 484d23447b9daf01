using System.Diagnostics.CodeAnalysis;

namespace L7Engine.Diagnostics;

/// <summary>One reader of the closes of all loops.</summary>
internal sealed class LedgerSubscription : CloseSubscription
{
    private readonly CloseBell _bell = new();
    private readonly Lock _reading = new();
    private readonly CloseFeed[] _feeds;
    private readonly CloseSubscribers _subscribers;
    private volatile bool _hasEnded;

    /// <param name="capacity">Entries of each loop that wait for the reader.</param>
    public LedgerSubscription(int loops, int capacity, CloseSubscribers subscribers)
    {
        _subscribers = subscribers;
        _feeds = new CloseFeed[loops];
        for (int i = 0; i < loops; i++)
        {
            _feeds[i] = new CloseFeed(capacity, _bell);
        }
    }

    public override long Lost => _feeds.Sum(feed => feed.Lost);

    /// <summary>What a loop adds to.</summary>
    public CloseFeed FeedOf(int loop) => _feeds[loop];

    public override bool TryRead([NotNullWhen(true)] out CloseRecord? close)
    {
        lock (_reading)
        {
            int loop = OldestLoop();
            close = loop < 0 ? null : CloseRecords.Of(_feeds[loop].Take(), loop);
        }

        return close is not null;
    }

    public override async IAsyncEnumerator<CloseRecord> GetAsyncEnumerator(
        CancellationToken cancellationToken = default)
    {
        while (true)
        {
            Task more = _bell.Listen();
            bool hasEnded = _hasEnded;
            while (TryRead(out CloseRecord? close))
            {
                yield return close;
            }

            if (hasEnded)
            {
                yield break;
            }

            await more.WaitAsync(cancellationToken).ConfigureAwait(false);
        }
    }

    public override void Dispose() => _subscribers.Remove(this);

    /// <summary>Nothing will be added any more.</summary>
    public void End()
    {
        _hasEnded = true;
        _bell.Ring();
    }

    private int OldestLoop()
    {
        int oldest = -1;
        long oldestTicks = long.MaxValue;
        for (int i = 0; i < _feeds.Length; i++)
        {
            if (_feeds[i].FirstUtcTicks is { } ticks && ticks < oldestTicks)
            {
                (oldest, oldestTicks) = (i, ticks);
            }
        }

        return oldest;
    }
}
