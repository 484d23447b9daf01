namespace L7Engine.Diagnostics;

/// <summary>Who is told of closes, and by which ledgers. Thread-safe.</summary>
/// <param name="loops">How many ledgers there will be.</param>
internal sealed class CloseSubscribers(int loops)
{
    private readonly Lock _lock = new();
    private readonly List<LedgerSubscription> _subscriptions = [];
    private CloseLedger[] _ledgers = [];
    private bool _hasEnded;

    /// <exception cref="ObjectDisposedException">It has ended.</exception>
    public LedgerSubscription Add(int capacity)
    {
        var subscription = new LedgerSubscription(loops, capacity, this);
        lock (_lock)
        {
            ObjectDisposedException.ThrowIf(_hasEnded, typeof(CloseSubscription));
            _subscriptions.Add(subscription);
            TellLedgersLocked();
        }

        return subscription;
    }

    public void Remove(LedgerSubscription subscription)
    {
        lock (_lock)
        {
            _subscriptions.Remove(subscription);
            TellLedgersLocked();
        }

        subscription.End();
    }

    /// <summary>The loops have begun: these are their ledgers.</summary>
    public void Attach(CloseLedger[] ledgers)
    {
        lock (_lock)
        {
            _ledgers = ledgers;
            TellLedgersLocked();
        }
    }

    /// <summary>The loops have ended: nothing will be told any more.</summary>
    public void End()
    {
        lock (_lock)
        {
            _hasEnded = true;
            _subscriptions.ForEach(subscription => subscription.End());
        }
    }

    private void TellLedgersLocked()
    {
        for (int i = 0; i < _ledgers.Length; i++)
        {
            _ledgers[i].Feeds = _subscriptions.Count == 0 ? null : [.. _subscriptions.Select(s => s.FeedOf(i))];
        }
    }
}
