using System.IO.Pipelines;
using L7Engine.Http;
using L7Engine.Proxying;
using L7Engine.Timing;
using L7Engine.Transport;

namespace L7Engine.Clients;

/// <summary>Makes of what a client's connection has received the next request, or the end of the connection.</summary>
/// <remarks>Not thread-safe: the loop's thread owns it. For one read; it waits for nothing.</remarks>
internal ref struct RequestIntake(ref ClientLife life)
{
    private readonly ref ClientLife _life = ref life;
    private readonly Inlet _inlet = life.Worker.HeadInlet;

    /// <summary>From the first byte of the head, for <see cref="IntakeStep.Request"/>; let go of by
    /// <see cref="Advance"/>.</summary>
    public ArraySegment<byte> View { get; private set; }

    /// <summary>What the head turned out to be.</summary>
    public ParseStatus Parsed { get; private set; }

    private readonly TransportConnection Transport => _life.Transport;

    public IntakeStep Take(in ReadResult read)
    {
        _inlet.Attach(Transport.Loop, Transport.Input);
        View = _inlet.View(read);
        if (read.IsCanceled && !IsServedStill())
        {
            return TakeQuietEnd();
        }

        if (View.Count == 0 || (read.IsCompleted && View.Count == _life.ParsedBytes))
        {
            _inlet.Advance(View.Count);
            _life.EndByClient();
            return IntakeStep.End;
        }

        return _life.AwaitsProxyHeader ? TakeProxyHeader() : TakeHead();
    }

    /// <summary>Lets go of what was used up of the view.</summary>
    public readonly void Advance(int consumedBytes) => _inlet.Advance(consumedBytes);

    // RFC 9112 section 2.2: an empty line before a request is no byte of it.
    private static bool HasRequestByte(ReadOnlySpan<byte> view) => view.ContainsAnyExcept("\r\n"u8);

    private readonly ParseStatus ParseHead() =>
        _life.Worker.RequestHead.Parse(View, _life.Snapshot.RequestLimits);

    private IntakeStep TakeHead()
    {
        bool isWorthIt = HeadGate.IsWorthParsing(View.AsSpan(_life.ParsedBytes), View.Count);
        Parsed = isWorthIt ? ParseHead() : ParseStatus.NeedMore;
        if (Parsed == ParseStatus.NeedMore)
        {
            return WaitForMore();
        }

        _life.ParsedBytes = 0;
        Transport.ReadDeadlineTick = TimerWheel.Never;
        return IntakeStep.Request;
    }

    private readonly IntakeStep WaitForMore()
    {
        if (_life.State.IsQuiet && HasRequestByte(View))
        {
            _life.BeginHead();
        }

        return KeepAll();
    }

    private readonly IntakeStep KeepAll()
    {
        _life.ParsedBytes = View.Count;
        _inlet.AdvanceAndWait(0);
        return IntakeStep.NeedMore;
    }

    private readonly IntakeStep TakeProxyHeader()
    {
        ParseStatus parsed = ProxyHeaderParser.Parse(View, out ProxyHeader header);
        if (parsed == ParseStatus.NeedMore)
        {
            return KeepAll();
        }

        _life.ParsedBytes = 0;
        _inlet.Advance(header.TotalBytes);
        if (parsed == ParseStatus.Invalid)
        {
            _life.EndByProxyHeader();
            return IntakeStep.End;
        }

        _life.TakeProxyHeader(header);
        return _life.MustReset ? IntakeStep.End : IntakeStep.NeedMore;
    }

    // What came in time is not late because the loop was, and a request that crosses our close is answered all the
    // same: the socket is looked at once more.
    private bool IsServedStill()
    {
        if (!_life.IsCut && View.Count == _life.ParsedBytes)
        {
            _inlet.AdvanceAndWait(0);
            Transport.LookAgain();
            if (!Transport.Input.TryRead(out ReadResult last))
            {
                return false;
            }

            View = _inlet.View(last);
        }

        if (!_life.IsCut && IsWorthServing())
        {
            _life.GoOn();
            return true;
        }

        _inlet.Advance(0);
        return false;
    }

    private readonly bool IsWorthServing() =>
        _life.AwaitsProxyHeader ? IsWhole(ProxyHeaderParser.Parse(View, out _))
        : _life.State.IsQuiet ? HasRequestByte(View)
        : IsWhole(ParseHead());

    private readonly bool IsWhole(ParseStatus parsed) =>
        View.Count > _life.ParsedBytes && parsed != ParseStatus.NeedMore;

    // A deadline, or an order to stop, came while no whole head was there.
    private readonly IntakeStep TakeQuietEnd()
    {
        if (_life is { IsDraining: true, IsCut: false } && Transport.IsStarved)
        {
            // Something may be there, and no block to read it into yet.
            _life.SetDeadline(0);
            return IntakeStep.NeedMore;
        }

        if (_life.IsEnding)
        {
            return IntakeStep.End;
        }

        _life.EndByTime();
        return _life.State == ClientState.ReadingHead ? IntakeStep.HeadTimeout : IntakeStep.End;
    }
}
