using L7Engine.Http;

namespace L7Engine.Proxying;

/// <summary>All that decides whether a client's connection stays open after a response.</summary>
/// <param name="IsBodyRead">The request body was read, or what is left of it can be read within the bound.</param>
/// <param name="IsDelimited">The client can tell the end of the response without the connection closing.</param>
/// <param name="ForcedReason">Why the answer is one that HTTP says to close after; None when it is not.</param>
/// <param name="IsPastCap">The client has as many persistent connections as it may, without this one.</param>
/// <param name="IsPeerFinished">The client has sent FIN, and nothing of a further request before it.</param>
internal readonly record struct PersistenceFacts(
    HttpVersion Version,
    bool AsksClose,
    bool AsksKeepAlive,
    bool IsBodyRead,
    bool IsDelimited,
    CloseReason ForcedReason,
    bool IsPeerFinished,
    bool IsEnabled,
    bool IsLastRequest,
    bool IsTooOld,
    bool IsDraining,
    bool IsPastCap = false);

/// <param name="Reason">Why it closes; <see cref="CloseReason.None"/> when it stays open.</param>
/// <param name="Fault">Which rule of HTTP the request broke, if any.</param>
internal readonly record struct PersistenceDecision(CloseReason Reason, HttpFault Fault = HttpFault.None)
{
    public bool KeepsOpen => Reason == CloseReason.None;

    /// <summary>Decides whether the connection persists.</summary>
    /// <remarks>
    /// Source: RFC 9112 section 9.3. A fault comes first: behind it nobody knows what the client's next byte means.
    /// Then the client's own wish, so that the reason names whose wish it was; then what the messages force; then our
    /// limits; and last the cap of the client, because a place is taken only by what would stay open.
    /// </remarks>
    public static PersistenceDecision Of(in PersistenceFacts facts) => new(facts switch
    {
        { ForcedReason: not CloseReason.None } => facts.ForcedReason,
        { AsksClose: true } => CloseReason.ClientAskedClose,
        { Version: HttpVersion.Http10, AsksKeepAlive: false } => CloseReason.ClientAskedClose,
        { IsPeerFinished: true } => CloseReason.ClientClosed,
        { IsDelimited: false } => CloseReason.UntilCloseEnd,
        { IsBodyRead: false } => CloseReason.RequestBodyUnread,
        { IsDraining: true } => CloseReason.Drain,
        { IsEnabled: false } => CloseReason.PersistenceOff,
        { IsLastRequest: true } => CloseReason.RequestLimit,
        { IsTooOld: true } => CloseReason.MaxAge,
        { IsPastCap: true } => CloseReason.PersistentCap,
        _ => CloseReason.None,
    });
}
