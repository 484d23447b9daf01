using L7Engine.Tests.Support;

namespace L7Engine.Tests.Simulation;

/// <summary>Sends what it is given, in pieces and with pauses by the seed.</summary>
internal sealed class PacedWriter
{
    private readonly SimPeer _peer;
    private readonly SimRandom _random;
    private readonly double _pauses;
    private readonly TimeSpan _maxPause;
    private readonly SimTimer _timer;
    private readonly Queue<byte[]> _waiting = new();
    private int _sentOfFirst;

    public PacedWriter(SimNetwork network, SimPeer peer, SimRandom random, double pauses, TimeSpan maxPause)
    {
        (_peer, _random, _pauses, _maxPause) = (peer, random, pauses, maxPause);
        _timer = new SimTimer(network.Scheduler, Write);
    }

    /// <summary>Called when everything has been handed to the peer.</summary>
    public Action? Emptied { get; set; }

    public bool IsEmpty => _waiting.Count == 0;

    public int SentBytes { get; private set; }

    /// <summary>What is given to it after so many sent bytes is not sent; what then happens is <see cref="LimitReached"/>.</summary>
    public int Limit { get; set; } = int.MaxValue;

    public Action? LimitReached { get; set; }

    public bool IsStopped { get; private set; }

    public void Send(byte[] bytes)
    {
        if (bytes.Length > 0 && !IsStopped)
        {
            _waiting.Enqueue(bytes);
            _timer.After(TimeSpan.Zero);
        }
    }

    /// <summary>Sends no more.</summary>
    public void Stop()
    {
        IsStopped = true;
        _waiting.Clear();
    }

    private void Write()
    {
        while (_waiting.TryPeek(out byte[]? first))
        {
            if (SentBytes >= Limit)
            {
                Stop();
                LimitReached?.Invoke();
                return;
            }

            WritePiece(first);
            if (_waiting.Count > 0 && _random.Chance(_pauses))
            {
                _timer.After(TimeSpan.FromTicks(_random.Next(_maxPause.Ticks)));
                return;
            }
        }

        if (!IsStopped)
        {
            Emptied?.Invoke();
        }
    }

    private void WritePiece(byte[] first)
    {
        int most = Math.Min(first.Length - _sentOfFirst, Limit - SentBytes);
        int bytes = _pauses > 0 ? 1 + _random.Next(most) : most;
        int start = _sentOfFirst;
        _sentOfFirst += bytes;
        SentBytes += bytes;
        if (_sentOfFirst == first.Length)
        {
            _waiting.Dequeue();
            _sentOfFirst = 0;
        }

        _peer.Send(first.AsSpan(start, bytes));
    }
}
