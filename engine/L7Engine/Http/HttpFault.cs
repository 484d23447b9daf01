namespace L7Engine.Http;

/// <summary>Why a message is refused: one for each rule that a message can break.</summary>
internal enum HttpFault : byte
{
    None,

    // Before the first request.
    BadProxyHeader,

    // Start line.
    BadRequestLine,
    BadStatusLine,
    MethodTooLong,
    TargetTooLong,
    StatusLineTooLong,
    BadTarget,
    BadVersion,
    UnsupportedVersion,

    // Field lines.
    HeadTooLarge,
    TooManyFields,
    BareCarriageReturn,
    BareLineFeed,
    ControlByte,
    ObsoleteFold,
    SpaceBeforeColon,
    EmptyFieldName,
    BadFieldName,
    MisleadingFieldName,

    // What the fields say.
    MissingHost,
    RepeatedHost,
    BadHost,
    BadContentLength,
    RepeatedContentLength,
    BadTransferEncoding,
    UnknownTransferCoding,
    TransferEncodingInHttp10,
    LengthAndTransferEncoding,
    BadConnectionOption,
    TooManyConnectionOptions,
    ForbiddenConnectionOption,
    BadMaxForwards,

    // Understood, and refused.
    UnknownExpectation,
    ConnectRefused,
    TraceRefused,
    RequestLoop,
    BodyTooLarge,
    TooManyInterimResponses,
    UnaskedSwitch,

    // Chunked bodies.
    BadChunkSize,
    ChunkSizeOverflow,
    BadChunkExtension,
    ChunkExtensionsTooLong,
    BadChunkEnd,
    TrailersTooLarge,
}
