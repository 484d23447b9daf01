namespace L7Engine.Http;

internal static class HttpFaults
{
    extension(HttpFault fault)
    {
        /// <summary>The status that answers a request with this fault; of a response's fault the client gets
        /// 502.</summary>
        public int StatusCode => fault switch
        {
            HttpFault.None => 200,
            HttpFault.ConnectRefused or HttpFault.TraceRefused => 405,
            HttpFault.BodyTooLarge => 413,
            HttpFault.TargetTooLong => 414,
            HttpFault.UnknownExpectation => 417,
            HttpFault.HeadTooLarge or HttpFault.TooManyFields or HttpFault.TrailersTooLarge => 431,
            HttpFault.MethodTooLong or HttpFault.UnknownTransferCoding => 501,
            HttpFault.UnsupportedVersion => 505,
            HttpFault.RequestLoop => 508,
            _ => 400,
        };

        /// <summary>
        /// False only where the end of the request is known beyond doubt. Even then the connection closes when a body
        /// is announced that was not read: only the caller knows that.
        /// </summary>
        public bool ClosesConnection =>
            fault is not (HttpFault.None or HttpFault.TraceRefused or HttpFault.UnknownExpectation);

        /// <summary>One line for the log and the ledger; fixed text, no byte of the peer's.</summary>
        public string Text => fault switch
        {
            HttpFault.None => "no fault",
            HttpFault.BadProxyHeader => "the PROXY header is malformed, or missing",
            HttpFault.BadRequestLine => "the request line is malformed",
            HttpFault.BadStatusLine => "the status line is malformed",
            HttpFault.MethodTooLong => "the method is over-long",
            HttpFault.TargetTooLong => "the request line is longer than the limit",
            HttpFault.StatusLineTooLong => "the status line is longer than the limit",
            HttpFault.BadTarget => "the request target is not in one of the four forms",
            HttpFault.BadVersion => "the version is malformed",
            HttpFault.UnsupportedVersion => "the major version is not 1",
            HttpFault.HeadTooLarge => "the head is larger than the limit",
            HttpFault.TooManyFields => "there are more fields than the limit",
            HttpFault.BareCarriageReturn => "a CR is not followed by LF",
            HttpFault.BareLineFeed => "an LF is not preceded by CR",
            HttpFault.ControlByte => "a NUL or control byte is in the head",
            HttpFault.ObsoleteFold => "a field line is folded",
            HttpFault.SpaceBeforeColon => "white space is before a field's colon",
            HttpFault.EmptyFieldName => "a field has no name",
            HttpFault.BadFieldName => "a field name is not a token",
            HttpFault.MisleadingFieldName => "a field name can be mistaken for a framing field or Host",
            HttpFault.MissingHost => "Host is missing",
            HttpFault.RepeatedHost => "Host is repeated",
            HttpFault.BadHost => "Host is not a valid host and port",
            HttpFault.BadContentLength => "Content-Length is not one decimal number",
            HttpFault.RepeatedContentLength => "Content-Length is repeated",
            HttpFault.BadTransferEncoding => "Transfer-Encoding is not exactly one chunked",
            HttpFault.UnknownTransferCoding => "a transfer coding besides chunked is used",
            HttpFault.TransferEncodingInHttp10 => "Transfer-Encoding is in an HTTP/1.0 message",
            HttpFault.LengthAndTransferEncoding => "Content-Length and Transfer-Encoding are both present",
            HttpFault.BadConnectionOption => "a connection option is not a token",
            HttpFault.TooManyConnectionOptions => "there are more connection options than the limit",
            HttpFault.ForbiddenConnectionOption => "a connection option names a field that must stay",
            HttpFault.BadMaxForwards => "Max-Forwards is not one decimal number",
            HttpFault.UnknownExpectation => "the expectation is not 100-continue",
            HttpFault.ConnectRefused => "CONNECT is refused",
            HttpFault.TraceRefused => "TRACE is refused",
            HttpFault.RequestLoop => "the request has passed through here before",
            HttpFault.BodyTooLarge => "the body is larger than the limit",
            HttpFault.TooManyInterimResponses => "there are more interim responses than the limit",
            HttpFault.UnaskedSwitch => "the protocol was switched without being asked to",
            HttpFault.BadChunkSize => "a chunk size is not a hexadecimal number",
            HttpFault.ChunkSizeOverflow => "a chunk size is too large",
            HttpFault.BadChunkExtension => "a chunk extension is malformed",
            HttpFault.ChunkExtensionsTooLong => "the chunk extensions are longer than the limit",
            HttpFault.BadChunkEnd => "chunk data is not followed by CRLF",
            HttpFault.TrailersTooLarge => "the trailer section is larger than the limit",
            _ => "unknown fault",
        };
    }
}
