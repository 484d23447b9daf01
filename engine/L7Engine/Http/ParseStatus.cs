namespace L7Engine.Http;

/// <summary>What a parse step learned from the bytes received so far.</summary>
internal enum ParseStatus
{
    /// <summary>The element is whole; its result may be read.</summary>
    Complete,

    /// <summary>Valid so far. Call again, from the same start, when more bytes have arrived.</summary>
    NeedMore,

    /// <summary>Can never become valid, or is refused. Answer with the fault's status.</summary>
    Invalid,
}
