namespace L7Engine.Http;

/// <summary>What one step of a <see cref="ChunkedDecoder"/> found.</summary>
internal enum ChunkedStep
{
    /// <summary>Body bytes. Step again with what follows them.</summary>
    Data,

    /// <summary>All that can be used is used. Step again with more.</summary>
    NeedMore,

    /// <summary>The message is over.</summary>
    End,

    /// <summary>Can never become valid; nothing after it may be read as a message.</summary>
    Invalid,
}
