using System.IO.Pipelines;
using L7Engine.Backends;
using L7Engine.Configuration;
using L7Engine.Diagnostics;
using L7Engine.Http;
using L7Engine.Transport;

namespace L7Engine.Proxying;

/// <summary>One request on its way to the backend: the rewritten head with the body bytes that came with it, and what
/// is left of the body.</summary>
/// <remarks>
/// Not thread-safe: the loop's thread owns it. The first piece stays in a block of its own until no repeat can need it.
/// For a request that may be repeated what follows is added to it, up to the limit.
/// </remarks>
internal sealed class RequestForwarding(Worker worker)
{
    private readonly FirstPiece _first = new(worker.Loop);
    private int _skippedBytes;
    private BodyRelay _body;
    private byte[]? _defaultAuthority;

    /// <summary>The configuration that holds for this request, to its end.</summary>
    public Snapshot Snapshot { get; private set; } = null!;

    /// <summary>The route that it takes; null while none is known.</summary>
    public RoutePlan? Route { get; private set; }

    /// <summary>The timeouts that hold for it: the route's own among them.</summary>
    public TimeoutTicks Ticks => Route?.Ticks ?? Snapshot.Ticks;

    public KnownMethod Method { get; private set; }

    public HttpVersion Version { get; private set; }

    public bool IsRepeatable { get; private set; }

    public bool AcceptsTrailers { get; private set; }

    public bool AsksClose { get; private set; }

    public bool AsksKeepAlive { get; private set; }

    /// <summary>The protocol of the listener's list that the request may switch to, or -1.</summary>
    public int UpgradeIndex { get; private set; } = -1;

    /// <summary>What is wrong with the body: it is malformed, or larger than the limit allows, by what was announced or
    /// by what has come. None while nothing is.</summary>
    public HttpFault WhyBodyIsRefused =>
        _body.Fault == HttpFault.None && IsTooLarge ? HttpFault.BodyTooLarge : _body.Fault;

    /// <summary>True once the last byte of the body has been taken from the client.</summary>
    public bool IsBodyTaken => _body.IsEnd;

    /// <summary>The head with the body bytes that came with it, and what is kept of the rest.</summary>
    public FirstPiece First => _first;

    /// <summary>True while all that was taken of the request lies in the first piece, and may be sent again.</summary>
    public bool CanReplay { get; private set; }

    /// <summary>True when it goes to another backend if its response does not begin in time.</summary>
    public bool RetriesOnTimeout { get; private set; }

    /// <summary>True while the client sends nothing of its body because it waits for 100 (Continue).</summary>
    public bool WaitsForContinue { get; private set; }

    /// <summary>True when the body was read, or what is left of it can be read within the bound.</summary>
    /// <remarks>
    /// A client that was never told to go on may or may not send its body: its next byte could be either.
    /// </remarks>
    public bool IsReadInTime => IsBodyTaken || (!WaitsForContinue && Snapshot.Ticks.EarlyAnswerDrain > 0
        && (_body.LeftBytes ?? 0) <= Worker.MaxUnwantedBytes);

    private long MaxBodyBytes => Snapshot.Limits.MaxRequestBodyBytes;

    /// <summary>True when it can be sent again, whatever comes of its body: it will not outgrow what is kept.</summary>
    public bool IsSurelyKept => CanReplay && _body.LeftBytes is not null;

    private bool HasBody => !IsBodyTaken || _body.BodyBytes > 0;

    // As far as is known; a body of chunks may yet turn out larger.
    private bool MayBeKept => _first.Length + (_body.LeftBytes ?? 0) <= Snapshot.Limits.MaxReplayBytes;

    private bool IsTooLarge => MaxBodyBytes > 0 && _body.BodyBytes + (_body.LeftBytes ?? 0) > MaxBodyBytes;

    /// <summary>Takes the facts of a request that will be answered without a backend.</summary>
    public void TakeFacts(Snapshot snapshot, RequestHead head)
    {
        Snapshot = snapshot;
        Route = null;
        Method = head.Method;
        Version = head.Version;
        IsRepeatable = head.IsRepeatable;
        AcceptsTrailers = head.AcceptsTrailers;
        AsksClose = head.HasCloseOption;
        AsksKeepAlive = head.HasKeepAliveOption;
        UpgradeIndex = -1;
        (CanReplay, RetriesOnTimeout) = (false, false);
        _skippedBytes = 0;
        _body = BodyOf(head, keepsTrailers: false);
        WaitsForContinue = head.ExpectsContinue && !IsBodyTaken;
    }

    /// <summary>Takes the facts of no request: nothing of one is known.</summary>
    public void Clear(Snapshot snapshot)
    {
        Snapshot = snapshot;
        Route = null;
        (Method, Version, UpgradeIndex) = (KnownMethod.Other, HttpVersion.Http11, -1);
        (IsRepeatable, AcceptsTrailers) = (false, false);
        (AsksClose, AsksKeepAlive) = (false, false);
        CanReplay = false;
        (WaitsForContinue, RetriesOnTimeout) = (false, false);
        _body = new BodyRelay(default, false, false, Snapshot.Limits, 0);
    }

    /// <summary>Takes what the route says of repeating it.</summary>
    public void TakeRoute(RoutePlan route, RequestHead head, ReadOnlySpan<byte> received)
    {
        RetriesOnTimeout = route.RetriesOnTimeout;
        IsRepeatable |= route.HonoursIdempotencyKey && Method == KnownMethod.Post && head.HasIdempotencyKey(received);
    }

    /// <summary>Rewrites the head and takes the body bytes that lie behind it.</summary>
    /// <param name="received">From the first byte of the head.</param>
    /// <param name="ownCookie">Not passed on; empty for none.</param>
    /// <returns>How many bytes of it are used up; of a body that does not fit a block with its head, a part.</returns>
    public int Take(
        RequestHead head, ArraySegment<byte> received, in PeerAddress peer, bool peerIsTrusted, ListenerPlan listener,
        RoutePlan route, Backend backend, ReadOnlySpan<byte> ownCookie)
    {
        Route = route;
        UpgradeIndex = head.IsUpgrade ? listener.UpgradeIndexOf(head.UpgradeProtocol.Of(received)) : -1;
        _body = BodyOf(head, route.KeepsRequestTrailers);
        _defaultAuthority = head.Authority.IsEmpty ? backend.Authority : null;

        Span<byte> address = stackalloc byte[PeerAddress.MaxAddressChars];
        _ = peer.TryFormatAddress(address, out int addressBytes);
        var rewrite = new RequestRewrite
        {
            DefaultAuthority = backend.Authority,
            ClientAddress = address[..addressBytes],
            Proto = "http"u8,
            Forwarded = listener.Forwarded,
            PeerIsTrusted = peerIsTrusted,
            Via = listener.Via,
            KeepUpgrade = UpgradeIndex >= 0,
            CloseBackend = !backend.PoolsConnections,
            KeepTrailers = route.KeepsRequestTrailers,
            OwnCookie = ownCookie,
        };

        int headRoom = RequestHeadWriter.MaxBytes(head, rewrite) + ChunkWriter.MaxHeaderBytes;
        ArraySegment<byte> behind = PartThatFits(received[head.TotalBytes..], head.Framing.Kind, headRoom);
        int room = headRoom + behind.Count;
        _first.Advance(RequestHeadWriter.Write(head, received, rewrite, _first.Begin(room)));
        return head.TotalBytes + TakeBodyBehind(behind);
    }

    /// <summary>Takes the next bytes of the body, and keeps what is sent of them as long as all may be sent again.
    /// </summary>
    public RelayedPiece TakeBody(ArraySegment<byte> received)
    {
        RelayedPiece piece = Next(received);
        if (CanReplay && !_first.TryKeep(piece.Output.Span, Snapshot.Limits.MaxReplayBytes))
        {
            ReleaseFirstPiece();
        }

        return piece;
    }

    /// <summary>Reads past a part of the body that nobody wants.</summary>
    /// <returns>False when the rest of it is not worth reading, or can never be whole.</returns>
    public bool TrySkip(Inlet inlet, in ReadResult read)
    {
        ArraySegment<byte> view = inlet.View(read);
        int consumed = view.Count > 0 ? Next(view).ConsumedBytes : 0;
        _skippedBytes += consumed;
        if (IsBodyTaken)
        {
            inlet.Advance(consumed);
        }
        else
        {
            inlet.AdvanceAndWait(consumed);
        }

        return _body.Fault == HttpFault.None && _skippedBytes <= Worker.MaxUnwantedBytes
            && !read.IsCanceled && !read.IsCompleted;
    }

    /// <summary>
    /// Puts another backend's authority in place of the first one's, in a request that came without Host.
    /// </summary>
    public void Readdress(Backend backend)
    {
        if (_defaultAuthority is null || _defaultAuthority.AsSpan().SequenceEqual(backend.Authority))
        {
            return;
        }

        // Host is the first field: it starts behind the request line.
        int start = _first.Bytes.Span.IndexOf("\r\nHost: "u8) + "\r\nHost: ".Length;
        _first.Replace(start, _defaultAuthority.Length, backend.Authority);
        _defaultAuthority = backend.Authority;
    }

    /// <summary>The client was told to go on, or went on by itself.</summary>
    public void EndWaiting() => WaitsForContinue = false;

    /// <summary>The write of the first piece has ended.</summary>
    /// <param name="isTaken">The backend took all of it.</param>
    public void EndSending(bool isTaken)
    {
        _first.EndSending();
        if (isTaken && _first.IsHeld)
        {
            OnFirstPieceTaken();
        }
    }

    /// <summary>The backend took the first piece: it is kept only to be sent again.</summary>
    /// <remarks>Not while memory runs short: what is kept waits for the client, and others for blocks.</remarks>
    public void OnFirstPieceTaken()
    {
        if (!CanReplay || (HasBody && worker.Loop.Blocks.IsTight))
        {
            ReleaseFirstPiece();
        }
    }

    /// <summary>Lets the first piece go, as soon as it is not being written: no repeat can need it any more.</summary>
    public void ReleaseFirstPiece()
    {
        CanReplay = false;
        _first.Release();
    }

    private RelayedPiece Next(ArraySegment<byte> received) =>
        _body.Next(received, isLast: false, worker.Scratch(received.Count + ChunkWriter.LastChunk.Length));

    // Past the size of the pool's largest block every such request would cost a block of its own. Chunks cannot be cut:
    // their framing is written in place, over the bytes that follow; they stay where they are.
    private ArraySegment<byte> PartThatFits(ArraySegment<byte> behind, BodyKind kind, int headRoom)
    {
        int room = Math.Max(0, BlockPool.RelayBytes - headRoom);
        return kind switch
        {
            _ when _body.IsEnd => ArraySegment<byte>.Empty,
            _ when behind.Count <= room => behind,
            BodyKind.Chunked => ArraySegment<byte>.Empty,
            _ => behind[..room],
        };
    }

    private BodyRelay BodyOf(RequestHead head, bool keepsTrailers) => new(
        head.Framing, head.Framing.Kind == BodyKind.Chunked, keepsTrailers, Snapshot.Limits,
        Snapshot.Limits.MaxRequestFields);

    private int TakeBodyBehind(ArraySegment<byte> behind)
    {
        int consumed = 0;
        if (behind.Count > 0)
        {
            EndWaiting();
            RelayedPiece piece = Next(behind);
            _first.Append(piece.Output.Span);
            consumed = piece.ConsumedBytes;
        }

        CanReplay = IsRepeatable && (!HasBody || MayBeKept);
        return consumed;
    }
}
