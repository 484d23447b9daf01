using System.IO.Pipelines;
using System.Runtime.InteropServices;
using L7Engine.Configuration;
using L7Engine.Http;

namespace L7Engine.Proxying;

/// <summary>What a read from the backend brought while a response head is awaited.</summary>
internal enum ResponseStep : byte
{
    /// <summary>A part of a head: read again.</summary>
    Wait,

    /// <summary>A whole head; it lies in the worker's response head until something is written.</summary>
    Head,

    /// <summary>Bytes that can never become a response.</summary>
    Malformed,

    /// <summary>The end of the stream, before any byte of a head.</summary>
    Ended,

    /// <summary>The end of the stream in the middle of a head.</summary>
    CutShort,
}

/// <summary>
/// One response on its way to the client: interim heads, the rewritten head, then the body piece by piece.
/// </summary>
/// <remarks>
/// Not thread-safe: the loop's thread owns it. A piece lies in the block it was received in until it has been written.
/// </remarks>
internal sealed class ResponseForwarding(Worker worker)
{
    private readonly Inlet _inlet = new();
    private Snapshot _snapshot = null!;
    private ArraySegment<byte> _view;
    private BodyRelay _body;
    private int _parsedBytes;
    private int _consumed;
    private bool _holdsView;

    /// <summary>True from the final head on.</summary>
    public bool HasBegun { get; private set; }

    public int Status { get; private set; }

    /// <summary>True when there is something to write to the client.</summary>
    public bool HasOutput { get; private set; }

    /// <summary>What to write; empty when it lies in the client's writer already.</summary>
    public ReadOnlyMemory<byte> Output { get; private set; }

    /// <summary>True once the last byte of the response has been taken from the backend.</summary>
    public bool IsBodyTaken => _body.IsEnd;

    /// <summary>What is wrong with the framing of the body.</summary>
    public HttpFault BodyFault => _body.Fault;

    /// <summary>True when the end of the backend's connection is the end of the response.</summary>
    public bool EndsWithStream => _body.EndsWithStream;

    /// <summary>True when the end of the response is the end of the client's connection.</summary>
    public bool EndsWithClose { get; private set; }

    /// <summary>True when the backend's own words let its connection serve another request.</summary>
    public bool BackendKeepsOpen { get; private set; }

    /// <summary>
    /// True when bytes followed the response that belong to none: the connection is not to be trusted.
    /// </summary>
    public bool HasSurplus { get; private set; }

    /// <summary>Begins to read from a connection.</summary>
    public void Attach(PipeReader reader, Snapshot snapshot)
    {
        _snapshot = snapshot;
        _parsedBytes = 0;
        _inlet.Attach(worker.Loop, reader);
    }

    public void Clear()
    {
        (HasBegun, HasOutput, HasSurplus, EndsWithClose, BackendKeepsOpen) = (false, false, false, false, false);
        (Output, _view, _holdsView, Status) = (default, default, false, 0);
        _body = default;
    }

    /// <summary>A bug has ended it in the middle: nothing of what was received is used any more.</summary>
    public void Abandon() => _inlet.Drop();

    /// <summary>Takes what was read while a head is awaited.</summary>
    public ResponseStep TakeRead(in ReadResult read, KnownMethod requestMethod)
    {
        _view = _inlet.View(read);
        if (_view.Count == 0)
        {
            return ResponseStep.Ended;
        }

        if (read.IsCompleted || HeadGate.IsWorthParsing(_view.AsSpan(_parsedBytes), _view.Count))
        {
            ParseStatus parsed = worker.ResponseHead.Parse(_view, requestMethod, _snapshot.ResponseLimits);
            if (parsed != ParseStatus.NeedMore)
            {
                return parsed == ParseStatus.Complete ? ResponseStep.Head : ResponseStep.Malformed;
            }
        }

        _parsedBytes = _view.Count;
        _inlet.AdvanceAndWait(0);
        return read.IsCompleted ? ResponseStep.CutShort : ResponseStep.Wait;
    }

    /// <returns>Which of the listener's protocols the parsed head switches to, or -1.</returns>
    public int UpgradeIndexIn(ListenerPlan listener) =>
        listener.UpgradeIndexOf(worker.ResponseHead.UpgradeProtocol.Of(_view));

    /// <summary>Puts the parsed head into the client's writer and leaves what follows it unread.</summary>
    public void PutHead(in ResponseRewrite rewrite, PipeWriter client)
    {
        ResponseHead head = worker.ResponseHead;
        Span<byte> room = client.GetSpan(ResponseHeadWriter.MaxBytes(head, rewrite));
        client.Advance(ResponseHeadWriter.Write(head, _view, rewrite, room));
        PassHead();
    }

    /// <summary>Leaves the parsed head out: this client does not understand it.</summary>
    public void PassHead()
    {
        _parsedBytes = 0;
        _inlet.Advance(worker.ResponseHead.TotalBytes);
    }

    /// <summary>Decides how the body of the parsed head is sent to this client.</summary>
    public BodyFraming Begin(HttpVersion clientVersion, bool keepsTrailers)
    {
        ResponseHead head = worker.ResponseHead;
        Status = head.Status;
        BackendKeepsOpen = head.BackendKeepsOpen;
        bool isDelimited = head.Framing.Kind is BodyKind.None or BodyKind.Length;
        bool sendsChunks = !isDelimited && clientVersion == HttpVersion.Http11;
        EndsWithClose = !isDelimited && !sendsChunks;
        Limits limits = _snapshot.Limits;
        _body = new BodyRelay(head.Framing, sendsChunks, keepsTrailers, limits, limits.MaxResponseFields);
        return isDelimited ? head.Framing : new BodyFraming(sendsChunks ? BodyKind.Chunked : BodyKind.UntilClose);
    }

    /// <summary>Puts the rewritten head before the body bytes that came with it: they leave in one piece.</summary>
    /// <param name="isCleanEnd">The backend has finished in order: what was received is all there is.</param>
    /// <returns>False when the body's framing is malformed and nothing was sent yet.</returns>
    public bool TryTakeHead(in ResponseRewrite rewrite, bool isCleanEnd, PipeWriter client)
    {
        ResponseHead head = worker.ResponseHead;
        int most = ResponseHeadWriter.MaxBytes(head, rewrite);
        ArraySegment<byte> behind = _view[head.TotalBytes..];
        Span<byte> scratch = worker.Scratch(most + behind.Count + ChunkWriter.LastChunk.Length);
        int headBytes = ResponseHeadWriter.Write(head, _view, rewrite, scratch);
        RelayedPiece piece = _body.Next(behind, isCleanEnd, scratch[headBytes..]);
        if (_body.Fault != HttpFault.None)
        {
            return false;
        }

        HasBegun = true;
        Join(scratch[..headBytes], head.TotalBytes, piece.Output, client);
        Hold(head.TotalBytes + piece.ConsumedBytes);
        return true;
    }

    /// <summary>Takes the next bytes of the body.</summary>
    /// <returns>False when it was cut short; or malformed, which <see cref="BodyFault"/> tells apart.</returns>
    public bool TryTakeBody(in ReadResult read, bool isCleanEnd)
    {
        _view = _inlet.View(read);
        if (_view.Count == 0 && !(isCleanEnd && _body.EndsWithStream))
        {
            return false;
        }

        RelayedPiece piece = _body.Next(
            _view, isCleanEnd, worker.Scratch(_view.Count + ChunkWriter.LastChunk.Length));
        if (_body.Fault != HttpFault.None)
        {
            return false;
        }

        if (piece.Output.IsEmpty && !_body.IsEnd)
        {
            // Part of a chunk's framing; when nothing more can come, waiting for the rest would never end.
            _inlet.AdvanceAndWait(piece.ConsumedBytes);
            return !read.IsCompleted;
        }

        Output = piece.Output;
        HasOutput = !piece.Output.IsEmpty;
        Hold(piece.ConsumedBytes);
        return true;
    }

    /// <summary>Lets go of what has been written.</summary>
    public void Release()
    {
        HasOutput = false;
        Output = default;
        if (_holdsView)
        {
            _holdsView = false;
            _inlet.Advance(_consumed);
        }
    }

    private void Hold(int consumed)
    {
        _holdsView = _view.Count > 0;
        _consumed = consumed;
        HasSurplus |= _body.IsEnd && _view.Count > consumed;
        if (!HasOutput)
        {
            Release();
        }
    }

    private void Join(ReadOnlySpan<byte> head, int headEnd, ReadOnlyMemory<byte> body, PipeWriter client)
    {
        HasOutput = true;
        byte[] block = _view.Array!;
        bool isInBlock = MemoryMarshal.TryGetArray(body, out ArraySegment<byte> piece) && piece.Array == block;
        int end = isInBlock && piece.Count > 0 ? piece.Offset : _view.Offset + headEnd;
        if ((isInBlock || body.IsEmpty) && end >= head.Length)
        {
            head.CopyTo(block.AsSpan(end - head.Length));
            Output = block.AsMemory(end - head.Length, head.Length + body.Length);
            return;
        }

        head.CopyTo(client.GetSpan(head.Length));
        client.Advance(head.Length);
        Output = body;
    }
}
