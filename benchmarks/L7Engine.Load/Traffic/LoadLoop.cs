using System.Diagnostics;
using L7Engine.Http;
using L7Engine.Transport;
using L7Engine.Transport.Epoll;

namespace L7Engine.Load.Traffic;

/// <summary>One thread of a load generator: its clients ask, their responses are checked and counted.</summary>
/// <remarks>Not thread-safe: the thread that runs it owns it. All times are in nanoseconds.</remarks>
internal sealed class LoadLoop
{
    private const int MaxWaitMilliseconds = 100;
    private const long ReconnectNanoseconds = 10_000_000;
    private const long CheckNanoseconds = 100_000_000;
    private const long MaxEndNanoseconds = 1_000_000_000;

    private readonly LoadPlan _plan;
    private readonly CancellationToken _stop;
    private readonly LoadWire _wire;
    private readonly LoadAgenda _agenda;
    private readonly LoadConnection[] _connections;
    private readonly RequestMix _mix;
    private readonly Random _random;
    private readonly ResponseHead _head = new();
    private ulong _lastId;
    private long _now;
    private long _end;
    private long _checkedAt;

    /// <param name="number">Which of the threads it is.</param>
    /// <param name="stop">Ends it at once, with what was counted.</param>
    public LoadLoop(LoadPlan plan, int number, CancellationToken stop)
    {
        (_plan, _stop) = (plan, stop);
        int count = (plan.Connections / plan.Threads) + (number < plan.Connections % plan.Threads ? 1 : 0);
        _connections = [.. Enumerable.Range(0, count).Select(i => new LoadConnection(i))];
        _mix = new RequestMix(plan.Mix, plan.Host ?? plan.Target.ToString());
        _random = new Random(HashCode.Combine(plan.Seed, number));
        _wire = new LoadWire(plan);
        _agenda = new LoadAgenda(plan.Think, _random);
        _lastId = (ulong)number << 48;
    }

    public LoadTally Tally { get; } = new();

    /// <summary>Sends for as long as is planned, then waits for what is under way.</summary>
    public void Run()
    {
        Begin();
        while (_now < _end && !_stop.IsCancellationRequested)
        {
            SendDue();
            Turn();
        }

        long latest = _end + OfTime(_plan.Timeout);
        while (_now < latest && !_stop.IsCancellationRequested && IsBusy)
        {
            Turn();
        }

        End();
    }

    private bool IsBusy => _agenda.LateCount > 0 || Array.Exists(_connections, c => c.Request is not null);

    private static long OfTime(TimeSpan time) => time.Ticks * TimeSpan.NanosecondsPerTick;

    private void Begin()
    {
        _now = Stopwatch.GetTimestamp();
        long from = _now + OfTime(_plan.WarmUp);
        _end = from + OfTime(_plan.Duration);
        Tally.Begin(from, _end);
        _agenda.Begin(_plan.RatePerSecond / _plan.Threads, _now, _end);
        foreach (LoadConnection connection in _connections)
        {
            Continue(connection);
        }
    }

    private void End()
    {
        Tally.End(_now);

        // What was under way when it was stopped has not failed.
        if (!_stop.IsCancellationRequested)
        {
            int unanswered = _agenda.LateCount + _connections.Count(c => c.Request is not null);
            Tally.Failures[(int)LoadFailure.Timeout] += unanswered;
        }

        Array.ForEach(_connections, _wire.Close);
        _wire.End();
    }

    private void Turn()
    {
        int count = _wire.Wait(MaxWaitMilliseconds);
        _now = Stopwatch.GetTimestamp();
        for (int i = 0; i < count; i++)
        {
            if (_wire.At(i, out int flags) is { } connection)
            {
                OnEvent(connection, flags);
            }
        }

        if (_now - _checkedAt > CheckNanoseconds)
        {
            _checkedAt = _now;
            GiveUpLate();
        }
    }

    private void SendDue()
    {
        while (_agenda.TryTakeDue(_now, out LoadConnection? client, out long intended))
        {
            Ask(client, intended);
        }

        if (_agenda.Next is var next && next < _end)
        {
            _wire.WakeIn(next - Stopwatch.GetTimestamp());
        }
    }

    private void Continue(LoadConnection connection)
    {
        connection.Clear();
        if (_agenda.TryOffer(connection, _now, out long intended))
        {
            Ask(connection, intended);
        }
    }

    private void Ask(LoadConnection connection, long intended)
    {
        int last = _plan.RequestsPerConnection;
        if (!connection.IsOpen)
        {
            connection.RequestCount = 0;
        }

        connection.IntendedAt = intended;
        connection.Id = ++_lastId;
        connection.Request = _mix.Next(_random, saysClose: last > 0 && connection.RequestCount + 1 >= last);
        connection.AwaitsEnd = false;
        if (connection.IsOpen)
        {
            connection.Send();
        }
        else if (_wire.Open(connection) is var failure and not LoadFailure.None)
        {
            Fail(connection, failure);
        }
        else
        {
            Tally.AddOpened(_now);
        }
    }

    private void OnEvent(LoadConnection connection, int flags)
    {
        if (connection.IsConnecting)
        {
            if (LoadWire.TakeFailure(connection) is var failure and not LoadFailure.None)
            {
                Fail(connection, failure);
                return;
            }

            if ((flags & Poller.Out) == 0)
            {
                return;
            }

            connection.IsConnecting = false;
            connection.Send();
        }
        else if (connection.HasUnsent && (flags & Poller.Out) != 0)
        {
            connection.SendRest();
        }

        if (connection.IsOpen && (flags & ~Poller.Out) != 0)
        {
            Receive(connection, hasEnded: (flags & (Poller.PeerFinished | Poller.Error | Poller.HangUp)) != 0);
        }
    }

    private void Receive(LoadConnection connection, bool hasEnded)
    {
        while (true)
        {
            int count = _wire.Receive(connection, out ReadOnlySpan<byte> bytes, out bool mayHaveMore);
            if (count == -ErrorNumber.TryAgain)
            {
                return;
            }

            if (count <= 0)
            {
                TakeEnd(connection, isReset: count < 0);
                return;
            }

            Tally.AddReceived(_now, count);
            int descriptor = connection.Descriptor;
            Take(connection, bytes);
            bool isSame = connection.Descriptor == descriptor && !connection.IsConnecting;
            if (!isSame || !(mayHaveMore || hasEnded))
            {
                return;
            }
        }
    }

    private void Take(LoadConnection connection, ReadOnlySpan<byte> bytes)
    {
        if (connection.Request is not { } request)
        {
            // Bytes that answer nothing.
            Fail(connection, LoadFailure.Malformed);
            return;
        }

        LoadFailure failure = connection.Reader.Take(bytes, request, connection.Id, _head, out int consumed);
        if (failure != LoadFailure.None)
        {
            Tally.WrongStatus = failure == LoadFailure.WrongStatus ? _head.Status : Tally.WrongStatus;
            Fail(connection, failure);
        }
        else if (connection.Reader.IsWhole)
        {
            Complete(connection, isSurplus: consumed < bytes.Length);
        }
        else
        {
            connection.KeepRest(bytes[consumed..]);
        }
    }

    private void Complete(LoadConnection connection, bool isSurplus)
    {
        if (isSurplus)
        {
            Fail(connection, LoadFailure.Malformed);
            return;
        }

        _now = Stopwatch.GetTimestamp();
        Tally.AddResponse(_now, connection.IntendedAt);
        int last = _plan.RequestsPerConnection;
        bool isLast = last > 0 && connection.RequestCount >= last;
        if (isLast || !connection.Reader.KeepsOpen)
        {
            // Its end is waited for; then it is opened anew.
            connection.Clear();
            connection.AwaitsEnd = true;
            connection.IntendedAt = _now;
            return;
        }

        Continue(connection);
    }

    private void TakeEnd(LoadConnection connection, bool isReset)
    {
        if (connection.Request is not { } request)
        {
            bool goesOn = connection.AwaitsEnd;
            _wire.Close(connection);
            if (goesOn)
            {
                Continue(connection);
            }

            return;
        }

        LoadFailure failure = isReset ? LoadFailure.Reset : connection.Reader.TakeEnd(request.Kind);
        if (failure != LoadFailure.None)
        {
            Fail(connection, failure);
            return;
        }

        _wire.Close(connection);
        Complete(connection, isSurplus: false);
        if (connection.AwaitsEnd)
        {
            Continue(connection);
        }
    }

    private void Fail(LoadConnection connection, LoadFailure failure)
    {
        Tally.AddFailure(failure);
        _wire.Close(connection);
        connection.Clear();
        connection.AwaitsEnd = false;
        if (_now < _end)
        {
            // Not at once: a target that refuses would be asked without end.
            _agenda.Delay(connection, _now + ReconnectNanoseconds);
        }
    }

    private void GiveUpLate()
    {
        long oldest = _now - OfTime(_plan.Timeout);
        foreach (LoadConnection connection in _connections)
        {
            if (connection.Request is not null && connection.IntendedAt < oldest)
            {
                Fail(connection, LoadFailure.Timeout);
            }
            else if (connection.AwaitsEnd && connection.IntendedAt < _now - MaxEndNanoseconds)
            {
                TakeEnd(connection, isReset: false);
            }
        }
    }
}
