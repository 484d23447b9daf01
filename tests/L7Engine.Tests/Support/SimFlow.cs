using L7Engine.Transport;

namespace L7Engine.Tests.Support;

/// <summary>One direction of a connection: what was sent, what is on its way, what arrived and is not read.</summary>
/// <remarks>
/// <code>
///   sender ─► [ unsent: send buffer ] ─ latency, splits, stalls ─► [ unread: receive buffer ] ─► receiver
/// </code>
/// Bytes leave the send buffer when they arrive, and arrive only while the receive buffer has room.
/// </remarks>
internal sealed class SimFlow
{
    private readonly SimScheduler _scheduler;
    private readonly SimActor _delivery;
    private readonly ByteRing _bytes = new();
    private readonly Queue<Segment> _segments = new();
    private int _arrivedOfFirst;
    private long _lastDueAt;
    private long _stalledUntil;

    public SimFlow(SimScheduler scheduler, LinkSettings link)
    {
        _scheduler = scheduler;
        _delivery = new SimActor(Deliver);
        Link = link;
    }

    /// <summary>May be changed at any time; what is on its way keeps its arrival.</summary>
    public LinkSettings Link { get; set; }

    public SimSocket Sender { get; private set; } = null!;

    public SimSocket Receiver { get; private set; } = null!;

    /// <summary>What an RST means to a receiver that is not connected yet.</summary>
    public int Refusal { get; set; } = ErrorNumber.ConnectionRefused;

    public int UnreadBytes { get; private set; }

    public int UnsentBytes => _bytes.Count - UnreadBytes;

    public int SendRoom => Math.Max(0, Link.SendBufferBytes - UnsentBytes);

    public void Connect(SimSocket sender, SimSocket receiver) => (Sender, Receiver) = (sender, receiver);

    public void Send(ReadOnlySpan<byte> source)
    {
        _bytes.Add(source);
        Enqueue(SegmentKind.Data, source.Length);
    }

    public void Send(SegmentKind control) => Enqueue(control, 0);

    public void Receive(Span<byte> destination)
    {
        _bytes.Take(destination);
        UnreadBytes -= destination.Length;
        WakeDelivery();
    }

    /// <summary>Sends RST behind what the receiver still has room for; nothing else of the flow arrives.</summary>
    public void SendReset()
    {
        Trim(Math.Max(0, Link.ReceiveBufferBytes - UnreadBytes));
        Enqueue(SegmentKind.Reset, 0);
    }

    /// <summary>Forgets what has not arrived: the sender's side is gone.</summary>
    public void DropUnsent()
    {
        _bytes.DropLast(UnsentBytes);
        _segments.Clear();
        _arrivedOfFirst = 0;
    }

    /// <summary>Forgets what was not received: the receiver's side is gone.</summary>
    public void DropUnread()
    {
        _bytes.Skip(UnreadBytes);
        UnreadBytes = 0;
        WakeDelivery();
    }

    /// <summary>Nothing arrives for so long.</summary>
    public void StallFor(TimeSpan duration) => _stalledUntil = _scheduler.Now + duration.Ticks;

    /// <summary>Nothing arrives until <see cref="Resume"/>: the peer has vanished.</summary>
    public void Stall() => _stalledUntil = SimActor.Never;

    public void Resume()
    {
        _stalledUntil = 0;
        WakeDelivery();
    }

    private void Enqueue(SegmentKind kind, int bytes)
    {
        long jitter = Link.MaxJitter > TimeSpan.Zero ? _scheduler.Random.Next(Link.MaxJitter.Ticks) : 0;
        _lastDueAt = Math.Max(_lastDueAt, _scheduler.Now + Link.Latency.Ticks + jitter);
        _segments.Enqueue(new Segment(kind, bytes, _lastDueAt));
        if (_segments.Count == 1)
        {
            WakeDelivery();
        }
    }

    // One segment, or a piece of one, a step: between any two of them anything else may run.
    private void Deliver()
    {
        if (!_segments.TryPeek(out Segment first) || !IsDue(first))
        {
            return;
        }

        Faults faults = Link.Faults;
        if (_scheduler.Random.Chance(faults.Stall))
        {
            StallFor(TimeSpan.FromTicks(_scheduler.Random.Next(faults.MaxStall.Ticks)));
        }
        else if (_scheduler.Random.Chance(faults.Reset))
        {
            Break();
        }
        else if (first.Kind == SegmentKind.Data)
        {
            DeliverBytes(first.Bytes);
        }
        else
        {
            _segments.Dequeue();
            Receiver.OnControl(first.Kind);
        }

        WakeDelivery();
    }

    private bool IsDue(in Segment segment) => Math.Max(segment.DueAt, _stalledUntil) <= _scheduler.Now;

    private void DeliverBytes(int segmentBytes)
    {
        int bytes = segmentBytes - _arrivedOfFirst;
        if (Receiver.IsClosed)
        {
            DropUnsent();
            Receiver.Out.SendReset();
            return;
        }

        bytes = Math.Min(bytes, Link.ReceiveBufferBytes - UnreadBytes);
        if (bytes > 1 && _scheduler.Random.Chance(Link.Faults.ShortDelivery))
        {
            bytes = 1 + _scheduler.Random.Next(bytes);
        }

        UnreadBytes += bytes;
        _arrivedOfFirst += bytes;
        if (_arrivedOfFirst == segmentBytes)
        {
            _segments.Dequeue();
            _arrivedOfFirst = 0;
        }

        Receiver.OnArrived();
        Sender.OnRoom();
    }

    // A box in between that lost its state: both sides get an RST for what they did not send.
    private void Break()
    {
        DropUnsent();
        Sender.OnControl(SegmentKind.Reset);
        Receiver.OnControl(SegmentKind.Reset);
    }

    private void Trim(int roomBytes)
    {
        int surplus = Math.Max(0, UnsentBytes - roomBytes);
        _bytes.DropLast(surplus);
        int arrived = _arrivedOfFirst;
        for (int left = _segments.Count; left > 0; left--)
        {
            Segment segment = _segments.Dequeue();
            int kept = Math.Min(segment.Bytes - arrived, roomBytes);
            roomBytes -= kept;
            if (kept > 0 || (segment.Kind != SegmentKind.Data && (segment.Kind != SegmentKind.Fin || surplus == 0)))
            {
                _segments.Enqueue(segment with { Bytes = kept });
            }

            arrived = 0;
        }

        _arrivedOfFirst = 0;
    }

    private void WakeDelivery()
    {
        if (!_segments.TryPeek(out Segment first))
        {
            return;
        }

        bool isFull = UnreadBytes >= Link.ReceiveBufferBytes && !Receiver.IsClosed;
        bool waitsForRoom = first.Kind == SegmentKind.Data && isFull;
        long at = Math.Max(first.DueAt, _stalledUntil);
        if (!waitsForRoom && at != SimActor.Never)
        {
            _scheduler.WakeAt(_delivery, at);
        }
    }
}
