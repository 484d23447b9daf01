using System.Diagnostics;
using System.Net;
using L7Engine.Http;
using L7Engine.Transport;
using L7Engine.Transport.Epoll;

namespace L7Engine.Load.Traffic;

/// <summary>One thread of a load generator, with its clients.</summary>
/// <remarks>Not thread-safe: the thread that runs it owns it. All times are in nanoseconds.</remarks>
internal sealed class LoadLoop
{
    private const int TimerSlot = -2;
    private const int MaxWaitMilliseconds = 100;
    private const long ReconnectNanoseconds = 10_000_000;
    private const long CheckNanoseconds = 100_000_000;
    private const long MaxEndNanoseconds = 1_000_000_000;

    private readonly LoadPlan _plan;
    private readonly Poller _poller = new();
    private readonly int _timer = LoadSocket.OpenTimer();
    private readonly SlotTable _slots = new();
    private readonly LoadConnection[] _connections;
    private readonly SocketAddress _target;
    private readonly SocketAddress[] _sources;
    private readonly RequestMix _mix;
    private readonly Random _random;
    private readonly ResponseHead _head = new();
    private readonly byte[] _received = new byte[256 * 1024];
    private readonly LoadAgenda _agenda;
    private readonly double _rate;
    private ulong _lastId;
    private long _now;
    private long _recordFrom;
    private long _end;
    private long _checkedAt;

    /// <param name="number">Which of the threads it is.</param>
    public LoadLoop(LoadPlan plan, int number)
    {
        _plan = plan;
        int count = (plan.Connections / plan.Threads) + (number < plan.Connections % plan.Threads ? 1 : 0);
        _connections = [.. Enumerable.Range(0, count).Select(i => new LoadConnection(i))];
        _target = plan.Target.Serialize();
        _sources = [.. plan.Sources.Select(source => new IPEndPoint(source, 0).Serialize())];
        _mix = new RequestMix(plan.Mix, plan.Host ?? plan.Target.ToString());
        _random = new Random(HashCode.Combine(plan.Seed, number));
        _agenda = new LoadAgenda(plan.Think, _random);
        _rate = plan.RatePerSecond / plan.Threads;
        _lastId = (ulong)number << 48;
        _poller.TryAdd(_timer, Poller.In | Poller.EdgeTriggered, TimerSlot, 0);
    }

    public LoadTally Tally { get; } = new();

    private bool Counts => _now >= _recordFrom && _now < _end;

    /// <summary>Sends for as long as is planned, then waits for what is under way.</summary>
    public void Run()
    {
        Begin();
        while (_now < _end)
        {
            SendDue();
            Turn();
        }

        long latest = _end + OfTime(_plan.Timeout);
        while (_now < latest && (_agenda.LateCount > 0 || Array.Exists(_connections, c => c.Request is not null)))
        {
            Turn();
        }

        End();
    }

    private static long OfTime(TimeSpan time) => time.Ticks * TimeSpan.NanosecondsPerTick;

    private void Begin()
    {
        _now = Stopwatch.GetTimestamp();
        _recordFrom = _now + OfTime(_plan.WarmUp);
        _end = _recordFrom + OfTime(_plan.Duration);
        _agenda.Begin(_rate, _now, _end);
        foreach (LoadConnection connection in _connections)
        {
            Continue(connection);
        }
    }

    private void End()
    {
        Tally.Failures[(int)LoadFailure.Timeout] += _agenda.LateCount;
        foreach (LoadConnection connection in _connections)
        {
            Tally.Failures[(int)LoadFailure.Timeout] += connection.Request is null ? 0 : 1;
            Close(connection);
        }

        _ = Native.Close(_timer);
        _poller.Close();
    }

    private void Turn()
    {
        int count = _poller.Wait(MaxWaitMilliseconds);
        _now = Stopwatch.GetTimestamp();
        for (int i = 0; i < count; i++)
        {
            int slot = _poller.SlotOf(i);
            if (slot >= 0 && _slots.Find(slot, _poller.GenerationOf(i)) is LoadConnection connection)
            {
                OnEvent(connection, _poller.FlagsOf(i));
            }
        }

        if (_now - _checkedAt > CheckNanoseconds)
        {
            _checkedAt = _now;
            GiveUpLate();
        }
    }

    // What is due by now.
    private void SendDue()
    {
        while (_agenda.TryTakeDue(_now, out LoadConnection? client, out long intended))
        {
            Ask(client, intended);
        }

        long next = _agenda.Next;
        if (next < _end)
        {
            LoadSocket.Arm(_timer, next - Stopwatch.GetTimestamp());
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
        if (!connection.IsOpen)
        {
            Connect(connection);
        }
        else
        {
            connection.Send();
        }
    }

    private void Connect(LoadConnection connection)
    {
        SocketAddress? source = _sources.Length == 0 ? null : _sources[connection.Index % _sources.Length];
        int error = LoadSocket.Connect(_target, source, out int descriptor);
        if (descriptor < 0)
        {
            Fail(connection, IsLocal(error) ? LoadFailure.LocalLimit : LoadFailure.Connect);
            return;
        }

        Tally.TotalOpened++;
        Tally.Opened += Counts ? 1 : 0;
        connection.Descriptor = descriptor;
        connection.IsConnecting = true;
        connection.Slot = _slots.Add(connection);
        const int Events = Poller.In | Poller.Out | Poller.PeerFinished | Poller.EdgeTriggered;
        _poller.TryAdd(descriptor, Events, connection.Slot, _slots.GenerationOf(connection.Slot));
    }

    private static bool IsLocal(int error) => error is ErrorNumber.AddressNotAvailable or ErrorNumber.TryAgain
        or ErrorNumber.ProcessFileTableFull or ErrorNumber.SystemFileTableFull or ErrorNumber.NoBufferSpace;

    private void OnEvent(LoadConnection connection, int flags)
    {
        if (connection.IsConnecting)
        {
            int error = RawSocket.TakeError(connection.Descriptor);
            if (error != 0)
            {
                Fail(connection, IsLocal(error) ? LoadFailure.LocalLimit : LoadFailure.Connect);
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
            int start = connection.CopyRest(_received);
            int room = _received.Length - start;
            nint count = Native.Receive(connection.Descriptor, ref _received[start], room, 0);
            if (count <= 0)
            {
                int error = count < 0 ? Native.LastError : 0;
                if (count == 0 || error != ErrorNumber.TryAgain)
                {
                    TakeEnd(connection, isReset: count < 0);
                }

                return;
            }

            Tally.ReceivedBytes += Counts ? count : 0;
            int descriptor = connection.Descriptor;
            Take(connection, _received.AsSpan(0, start + (int)count));
            bool isSame = connection.Descriptor == descriptor && !connection.IsConnecting;
            if (!isSame || (count < room && !hasEnded))
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
            return;
        }

        ReadOnlySpan<byte> rest = bytes[consumed..];
        if (connection.Reader.IsWhole)
        {
            Complete(connection, isSurplus: rest.Length > 0);
            return;
        }

        connection.KeepRest(rest);
    }

    private void Complete(LoadConnection connection, bool isSurplus)
    {
        if (isSurplus)
        {
            Fail(connection, LoadFailure.Malformed);
            return;
        }

        long now = Stopwatch.GetTimestamp();
        Tally.TotalCompleted++;
        if (now >= _recordFrom && now < _end)
        {
            Tally.Completed++;
        }

        if (connection.IntendedAt >= _recordFrom && connection.IntendedAt < _end)
        {
            Tally.AddLatency(now - connection.IntendedAt);
        }

        _now = now;
        int last = _plan.RequestsPerConnection;
        bool isLast = last > 0 && connection.RequestCount >= last;
        if (isLast || !connection.Reader.KeepsOpen)
        {
            // Its end is waited for; then it is opened anew.
            connection.Clear();
            connection.AwaitsEnd = true;
            connection.IntendedAt = now;
            return;
        }

        Continue(connection);
    }

    private void TakeEnd(LoadConnection connection, bool isReset)
    {
        if (connection.Request is not { } request)
        {
            bool goesOn = connection.AwaitsEnd;
            Close(connection);
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

        Close(connection);
        Complete(connection, isSurplus: false);
        if (connection.AwaitsEnd)
        {
            Continue(connection);
        }
    }

    private void Fail(LoadConnection connection, LoadFailure failure)
    {
        Tally.Failures[(int)failure]++;
        Close(connection);
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

    private void Close(LoadConnection connection)
    {
        if (connection.IsOpen)
        {
            _slots.Remove(connection.Slot);
            _ = Native.Close(connection.Descriptor);
            connection.Descriptor = -1;
            connection.IsConnecting = false;
        }
    }
}
