using L7Engine.Diagnostics;
using L7Engine.Http;

namespace L7Engine.Proxying;

/// <summary>Which limit a fault of a message is past.</summary>
internal static class FaultSettings
{
    /// <summary>Why a client's connection closes after a request with this fault.</summary>
    public static CloseCause OfRequest(HttpFault fault, Limits limits) => new(
        CloseReason.ProtocolError,
        fault switch
        {
            HttpFault.HeadTooLarge => SettingValue.OfBytes("limits.maxRequestHead", limits.MaxRequestHeadBytes),
            HttpFault.TooManyFields => SettingValue.Of("limits.maxRequestFields", limits.MaxRequestFields),
            HttpFault.TargetTooLong => SettingValue.OfBytes("limits.maxRequestLine", limits.MaxRequestLineBytes),
            HttpFault.BodyTooLarge => SettingValue.OfBytes("limits.maxRequestBody", limits.MaxRequestBodyBytes),
            _ => OfEither(fault, limits),
        },
        TextOf(fault));

    /// <summary>Why a backend's connection closes after a response with this fault.</summary>
    public static CloseCause OfResponse(HttpFault fault, Limits limits) => new(
        CloseReason.BackendProtocolError,
        fault switch
        {
            HttpFault.HeadTooLarge or HttpFault.StatusLineTooLong =>
                SettingValue.OfBytes("limits.maxResponseHead", limits.MaxResponseHeadBytes),
            HttpFault.TooManyFields => SettingValue.Of("limits.maxResponseFields", limits.MaxResponseFields),
            HttpFault.TooManyInterimResponses =>
                SettingValue.Of("limits.maxInterimResponses", limits.MaxInterimResponses),
            _ => OfEither(fault, limits),
        },
        TextOf(fault));

    private static SettingValue OfEither(HttpFault fault, Limits limits) => fault switch
    {
        HttpFault.TooManyConnectionOptions =>
            SettingValue.Of("limits.maxConnectionOptions", limits.MaxConnectionOptions),
        HttpFault.ChunkExtensionsTooLong =>
            SettingValue.OfBytes("limits.maxChunkExtension", limits.MaxChunkExtensionBytes),
        HttpFault.TrailersTooLarge => SettingValue.OfBytes("limits.maxTrailer", limits.MaxTrailerBytes),
        _ => default,
    };

    private static string? TextOf(HttpFault fault) => fault == HttpFault.None ? null : fault.Text;
}
