using L7Engine.Http;

namespace L7Engine.Proxying;

/// <summary>All that decides whether a client's connection stays open after a response.</summary>
/// <param name="IsBodyRead">The request body was read, or what is left of it can be read within the bound.</param>
/// <param name="IsDelimited">The client can tell the end of the response without the connection closing.</param>
/// <param name="MustClose">The answer is one that HTTP says to close after.</param>
internal readonly record struct PersistenceFacts(
    HttpVersion Version,
    bool AsksClose,
    bool AsksKeepAlive,
    bool IsBodyRead,
    bool IsDelimited,
    bool MustClose,
    bool IsPeerFinished,
    bool IsEnabled,
    bool IsLastRequest,
    bool IsTooOld,
    bool IsDraining);

/// <param name="Reason">Why it closes; <see cref="CloseReason.None"/> when it stays open.</param>
internal readonly record struct PersistenceDecision(CloseReason Reason)
{
    public bool KeepsOpen => Reason == CloseReason.None;

    /// <summary>Decides whether the connection persists.</summary>
    /// <remarks>
    /// Source: RFC 9112 section 9.3. The client's own wish comes first, so that the reason names whose wish it was;
    /// then what the protocol forces, then our limits.
    /// </remarks>
    public static PersistenceDecision Of(in PersistenceFacts facts) => new(facts switch
    {
        { AsksClose: true } => CloseReason.ClientAskedClose,
        { Version: HttpVersion.Http10, AsksKeepAlive: false } => CloseReason.ClientAskedClose,
        { IsPeerFinished: true } => CloseReason.ClientClosed,
        { MustClose: true } => CloseReason.ProtocolError,
        { IsDelimited: false } => CloseReason.UntilCloseEnd,
        { IsBodyRead: false } => CloseReason.RequestBodyUnread,
        { IsDraining: true } => CloseReason.Drain,
        { IsEnabled: false } => CloseReason.PersistenceOff,
        { IsLastRequest: true } => CloseReason.RequestLimit,
        { IsTooOld: true } => CloseReason.MaxAge,
        _ => CloseReason.None,
    });
}
