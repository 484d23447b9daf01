using System.IO.Pipelines;
using L7Engine.Configuration;
using L7Engine.Http;
using L7Engine.Transport;

namespace L7Engine.Proxying;

/// <summary>What the client of one exchange is told: the heads of its response, or an answer of our own; and whether
/// its connection stays open.</summary>
/// <remarks>Not thread-safe: the loop's thread owns it.</remarks>
internal sealed class ClientReply(Worker worker, RequestForwarding request)
{
    private readonly WriteClock _writeClock = new();
    private ClientStanding _standing;

    public TransportConnection Client { get; private set; } = null!;

    public ListenerPlan Listener { get; private set; } = null!;

    /// <summary>The peer is one of the listener's trusted proxies.</summary>
    public bool IsPeerTrusted => _standing.IsTrusted;

    /// <summary>What binds the client to a backend.</summary>
    public Affinity Affinity { get; } = new(worker);

    /// <summary>True when an answer of our own lies in the client's writer.</summary>
    public bool HasAnswer { get; set; }

    /// <summary>Whether the client's connection stays open, and if not, why.</summary>
    public PersistenceDecision Decision { get; private set; }

    /// <summary>Whether and how long the connection may stay open after the response.</summary>
    public PersistencePlan Persistence { get; private set; }

    public void Begin(TransportConnection client, ListenerPlan listener, in ClientStanding standing) =>
        (Client, Listener, Persistence, _standing) = (client, listener, listener.Persistence, standing);

    public void TakeRoute(RoutePlan route) => Persistence = route.Over(Persistence);

    /// <summary>The connection is to end with this response, if its head has not gone yet.</summary>
    public void Drain() => _standing = _standing with { IsDraining = true };

    public void Clear()
    {
        if (Client.WriteClock == _writeClock)
        {
            Client.WriteClock = Listener.ResponseSend;
            _writeClock.Clear();
        }

        Affinity.Clear();
        (Client, Listener, _standing, Decision, HasAnswer) = (null!, null!, default, default, false);
    }

    /// <summary>Measures a write to the client if it waits; one that was taken at once costs nothing.</summary>
    public ValueTask<FlushResult> Timed(ValueTask<FlushResult> writing)
    {
        if (!writing.IsCompleted)
        {
            _writeClock.Use(Listener.ResponseSendGapTicks, Listener.MinimumRate);
            Client.WriteClock = _writeClock;
            Client.StartWriteClock();
        }

        return writing;
    }

    /// <summary>Puts an answer of our own into the client's writer.</summary>
    /// <param name="forcedReason">Why the connection must close after it; None when it need not.</param>
    public void Answer(int status, CloseReason forcedReason)
    {
        Decide(isDelimited: true, forcedReason);
        var extras = new AnswerExtras(
            WithAllow: status is 200 or 405, RetryAfterSeconds: status is 429 or 503 ? 1 : 0, KeepAlive: Announced);
        PipeWriter output = Client.Output;
        Span<byte> room = output.GetSpan(AnswerWriter.MaxBytes);
        bool withBody = request.Method != KnownMethod.Head;
        output.Advance(AnswerWriter.Write(room, status, worker.Date, !Decision.KeepsOpen, withBody, extras));
        HasAnswer = true;
        worker.Counters.AddResponse(status, isOurs: true);
    }

    /// <summary>How the head of an interim response, or a 101 that was asked for, is passed on.</summary>
    public ResponseRewrite RewriteInterim(bool switches) =>
        new() { ClientVersion = request.Version, KeepUpgrade = switches, Via = Listener.Via };

    /// <summary>Decides about the connection, and how the final head is passed on.</summary>
    /// <param name="isDelimited">The client can tell the end of the response without the connection closing.</param>
    public ResponseRewrite RewriteFinal(BodyFraming sent, bool isDelimited)
    {
        Decide(isDelimited, CloseReason.None);
        bool keepsOpen = Decision.KeepsOpen;
        return new ResponseRewrite
        {
            ClientVersion = request.Version,
            Date = worker.Date,
            SentFraming = sent,
            Close = !keepsOpen,
            AnnounceKeepAlive = keepsOpen && (Listener.AnnouncesKeepAlive || request.Version == HttpVersion.Http10),
            KeepAlive = Announced,
            Via = Listener.Via,
            IsHeadRequest = request.Method == KnownMethod.Head,
            KeepTrailers = request.AcceptsTrailers,
        };
    }

    private KeepAliveTerms Announced => new(
        Listener.AnnouncesTimeout ? Persistence.AnnouncedSeconds : 0,
        Listener.AnnouncesRequests ? _standing.RequestsLeft : 0);

    private void Decide(bool isDelimited, CloseReason forcedReason)
    {
        var facts = new PersistenceFacts(
            request.Version,
            AsksClose: request.AsksClose,
            AsksKeepAlive: request.AsksKeepAlive,
            IsBodyRead: request.IsReadInTime,
            IsDelimited: isDelimited,
            ForcedReason: forcedReason,
            IsPeerFinished: Client.IsPeerFinished && !Client.HasReceived,
            IsEnabled: Persistence.Persists,
            IsLastRequest: _standing.RequestsLeft == 0,
            IsTooOld: _standing.IsTooOld,
            IsDraining: _standing.IsDraining);
        Decision = PersistenceDecision.Of(facts);
        if (Decision.KeepsOpen && _standing.TryPersist is { } tryPersist && !tryPersist())
        {
            Decision = PersistenceDecision.Of(facts with { IsPastCap = true });
        }
    }
}
