namespace L7Engine.Http;

/// <summary>The methods that change what the engine does; any other token is <see cref="Other"/> and is
/// forwarded.</summary>
internal enum KnownMethod : byte
{
    Other,
    Get,
    Head,
    Post,
    Put,
    Delete,
    Options,
    Trace,
    Patch,
    Connect,
}

internal static class KnownMethods
{
    /// <summary>Finds a method by its name, which is case-sensitive (RFC 9110 section 9.1).</summary>
    public static KnownMethod Find(ReadOnlySpan<byte> name) => name.Length switch
    {
        3 when name.SequenceEqual("GET"u8) => KnownMethod.Get,
        3 when name.SequenceEqual("PUT"u8) => KnownMethod.Put,
        4 when name.SequenceEqual("POST"u8) => KnownMethod.Post,
        4 when name.SequenceEqual("HEAD"u8) => KnownMethod.Head,
        5 when name.SequenceEqual("PATCH"u8) => KnownMethod.Patch,
        5 when name.SequenceEqual("TRACE"u8) => KnownMethod.Trace,
        6 when name.SequenceEqual("DELETE"u8) => KnownMethod.Delete,
        7 when name.SequenceEqual("OPTIONS"u8) => KnownMethod.Options,
        7 when name.SequenceEqual("CONNECT"u8) => KnownMethod.Connect,
        _ => KnownMethod.Other,
    };

    extension(KnownMethod method)
    {
        /// <summary>True when the request may be sent twice with the effect of once (RFC 9110 section 9.2.2).</summary>
        public bool IsRepeatable => method is KnownMethod.Get or KnownMethod.Head or KnownMethod.Options
            or KnownMethod.Trace or KnownMethod.Put or KnownMethod.Delete;

        /// <summary>True for the methods whose Max-Forwards counts the hops (RFC 9110 section 7.6.2).</summary>
        public bool CountsHops => method is KnownMethod.Options or KnownMethod.Trace;
    }
}
