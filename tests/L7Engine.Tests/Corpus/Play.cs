using L7Engine.Http;

namespace L7Engine.Tests.Corpus;

/// <summary>How a play through the parser ended.</summary>
internal enum PlayEnd
{
    /// <summary>Every byte was used, or is of no concern because the connection closes before it.</summary>
    Done,

    /// <summary>More bytes are needed: until a deadline, or the end of the stream, says otherwise.</summary>
    Waiting,

    Refused,
}

/// <summary>One message that would have been forwarded.</summary>
internal sealed class PlayedMessage
{
    public required string Head { get; init; }

    public List<byte> Body { get; } = [];

    public bool IsWhole { get; set; }
}

/// <summary>Does with bytes what the engine does, without the engine: head, body, next head; in pieces of any
/// size.</summary>
internal abstract class Play(byte[] raw)
{
    private int _at;
    private int _gatedFrom;
    private ChunkedDecoder _decoder;
    private BodyFraming _body;
    private PlayedMessage? _current;

    public List<PlayedMessage> Messages { get; } = [];

    /// <summary>What the other side would have received.</summary>
    public List<byte> Sent { get; } = [];

    public PlayEnd End { get; private set; }

    public HttpFault Fault { get; protected set; }

    protected byte[] Raw { get; } = raw;

    public void Run(int pieceBytes)
    {
        for (int available = 0; available < Raw.Length && End != PlayEnd.Refused && !IsClosed;)
        {
            available = Math.Min(available + pieceBytes, Raw.Length);
            End = Advance(available);
        }
    }

    protected bool IsClosed { get; set; }

    /// <returns>Complete, and the bytes of the head and the framing of the body; or why not.</returns>
    protected abstract ParseStatus ParseHead(ReadOnlySpan<byte> received, out int headBytes, out BodyFraming body);

    /// <returns>The head that is sent on, or null when this message is answered here.</returns>
    protected abstract byte[]? WriteHead(ReadOnlySpan<byte> received);

    protected abstract void MessageEnded();

    private PlayEnd Advance(int available)
    {
        while (_at < available && !IsClosed)
        {
            ParseStatus status = _current is null ? TakeHead(available) : TakeBody(_current, available);
            if (status != ParseStatus.Complete)
            {
                return status == ParseStatus.Invalid ? PlayEnd.Refused : PlayEnd.Waiting;
            }
        }

        return _current is null || IsClosed ? PlayEnd.Done : PlayEnd.Waiting;
    }

    private ParseStatus TakeHead(int available)
    {
        bool isWorthIt = HeadGate.IsWorthParsing(Raw.AsSpan(_gatedFrom..available), available - _at);
        _gatedFrom = available;
        if (!isWorthIt && available < Raw.Length)
        {
            return ParseStatus.NeedMore;
        }

        ReadOnlySpan<byte> received = Raw.AsSpan(_at..available);
        ParseStatus status = ParseHead(received, out int headBytes, out _body);
        if (status != ParseStatus.Complete)
        {
            return status;
        }

        _decoder = new ChunkedDecoder(4096, 8192, 100);
        byte[]? head = WriteHead(received);
        _at += headBytes;
        _gatedFrom = _at;
        _current = new PlayedMessage { Head = head is null ? "" : System.Text.Encoding.Latin1.GetString(head) };
        Messages.Add(_current);
        Sent.AddRange(head ?? []);
        if (_body.IsEmpty)
        {
            EndMessage(_current);
        }

        return ParseStatus.Complete;
    }

    private ParseStatus TakeBody(PlayedMessage message, int available)
    {
        if (_body.Kind == BodyKind.Chunked)
        {
            return TakeChunks(message, available);
        }

        int bytes = (int)Math.Min(available - _at, _body.Kind == BodyKind.UntilClose ? int.MaxValue : _body.Bytes);
        message.Body.AddRange(Raw.AsSpan(_at, bytes));
        Sent.AddRange(Raw.AsSpan(_at, bytes));
        _at += bytes;
        _body = _body with { Bytes = _body.Bytes - bytes };
        if (_body is { Kind: BodyKind.Length, Bytes: 0 })
        {
            EndMessage(message);
        }

        return ParseStatus.Complete;
    }

    private ParseStatus TakeChunks(PlayedMessage message, int available)
    {
        ChunkedStep step = _decoder.Step(Raw.AsSpan(_at..available), out int consumed, out ByteRange data);
        if (step == ChunkedStep.Data)
        {
            ReadOnlySpan<byte> bytes = Raw.AsSpan(_at + data.Start, data.Length);
            Span<byte> header = stackalloc byte[ChunkWriter.MaxHeaderBytes];
            message.Body.AddRange(bytes);
            Sent.AddRange(header[..ChunkWriter.WriteHeader(header, bytes.Length)]);
            Sent.AddRange(bytes);
            Sent.AddRange(ChunkWriter.DataEnd);
        }

        _at += consumed;
        Fault = _decoder.Fault;
        switch (step)
        {
            case ChunkedStep.End:
                Sent.AddRange(ChunkWriter.LastChunk);
                EndMessage(message);
                return ParseStatus.Complete;
            case ChunkedStep.Data:
                return ParseStatus.Complete;
            default:
                return step == ChunkedStep.Invalid ? ParseStatus.Invalid : ParseStatus.NeedMore;
        }
    }

    private void EndMessage(PlayedMessage message)
    {
        message.IsWhole = true;
        _current = null;
        _gatedFrom = _at;
        MessageEnded();
    }
}

internal sealed class RequestPlay(byte[] raw) : Play(raw)
{
    private readonly RequestHead _head = new();

    protected override ParseStatus ParseHead(ReadOnlySpan<byte> received, out int headBytes, out BodyFraming body)
    {
        ParseStatus status = _head.Parse(received, HeadLimits.OfRequests);
        headBytes = _head.TotalBytes;
        body = _head.Framing;
        Fault = _head.Fault;
        return status;
    }

    protected override byte[]? WriteHead(ReadOnlySpan<byte> received)
    {
        var rewrite = new RequestRewrite
        {
            DefaultAuthority = "backend:80"u8,
            ClientAddress = "127.0.0.1"u8,
            Proto = "http"u8,
            Via = "l7engine (token)"u8,
            KeepUpgrade = true,
        };
        byte[] written = new byte[RequestHeadWriter.MaxBytes(_head, rewrite)];
        return written[..RequestHeadWriter.Write(_head, received, rewrite, written)];
    }

    protected override void MessageEnded() =>
        IsClosed = _head.HasCloseOption || (_head.Version == HttpVersion.Http10 && !_head.HasKeepAliveOption);
}

internal sealed class ResponsePlay(byte[] raw) : Play(raw)
{
    private readonly ResponseHead _head = new();

    protected override ParseStatus ParseHead(ReadOnlySpan<byte> received, out int headBytes, out BodyFraming body)
    {
        ParseStatus status = _head.Parse(received, KnownMethod.Get, HeadLimits.OfResponses);
        headBytes = _head.TotalBytes;
        body = _head.Framing;
        Fault = _head.Fault;

        // Nobody asked to upgrade.
        return status == ParseStatus.Complete && _head.Status == 101 ? ParseStatus.Invalid : status;
    }

    protected override byte[]? WriteHead(ReadOnlySpan<byte> received)
    {
        var rewrite = new ResponseRewrite
        {
            Date = "Sun, 06 Nov 1994 08:49:37 GMT"u8,
            SentFraming = _head.Framing,
            Close = _head.Framing.Kind == BodyKind.UntilClose,
        };
        byte[] written = new byte[ResponseHeadWriter.MaxBytes(_head, rewrite)];
        return written[..ResponseHeadWriter.Write(_head, received, rewrite, written)];
    }

    protected override void MessageEnded() => IsClosed = !_head.IsInterim;
}
