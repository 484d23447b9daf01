using System.Text;
using L7Engine.Tests.Support;

namespace L7Engine.Tests.Simulation;

/// <summary>Asks at moments that its seed decides, whatever becomes of its connections: the same in every replay.</summary>
internal sealed class GapClient
{
    private static readonly byte[] Request = Encoding.Latin1.GetBytes(Msg.Get());

    private readonly GapReplay _replay;
    private readonly SimRandom _random;
    private readonly SimTimer _asking;
    private readonly SimTimer _closing;
    private SimPeer? _connection;
    private bool _isWaiting;

    public GapClient(GapReplay replay, int seed)
    {
        _replay = replay;
        _random = new SimRandom(seed);
        _asking = new SimTimer(replay.Scheduler, Ask);
        _closing = new SimTimer(replay.Scheduler, Close);

        _asking.After(FirstWait());
    }

    // As if it had asked for ever: whoever looks at a moment finds a long gap the more often the longer it is.
    private TimeSpan FirstWait()
    {
        TimeSpan[] gaps = [.. Enumerable.Range(0, 1_000).Select(_ => _replay.Traffic.Draw(_random).After)];
        long place = _random.Next(gaps.Sum(gap => gap.Ticks));
        int i = 0;
        for (; place >= gaps[i].Ticks; i++)
        {
            place -= gaps[i].Ticks;
        }

        return TimeSpan.FromTicks(place);
    }

    private void Ask()
    {
        if (_replay.IsOver)
        {
            return;
        }

        _isWaiting = true;
        if (_connection is null)
        {
            _connection = _replay.Connect();
            _connection.OnReceived = Take;
            _connection.OnEnded = Lose;
        }

        _connection.Send(Request);
    }

    private void Take(SimPeer peer)
    {
        peer.Clear();
        _isWaiting = false;
        NextRequest next = _replay.Traffic.Draw(_random);
        _asking.After(next.After);
        if (next.Closes)
        {
            _closing.After(next.ClosesAfter);
        }
    }

    private void Close()
    {
        if (_connection is { } connection)
        {
            _connection = null;
            connection.OnEnded = null;
            connection.Close();
            _replay.CountOpen(-1);
        }
    }

    // A request that crossed the engine's close is sent again.
    private void Lose(SimPeer peer)
    {
        Close();
        if (_isWaiting)
        {
            Ask();
        }
    }
}
