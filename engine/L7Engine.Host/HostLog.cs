using Microsoft.Extensions.Logging;

namespace L7Engine.Host;

/// <summary>The lines the command logs itself. Ids: 9xx; the engine has those below.</summary>
internal static partial class HostLog
{
    [LoggerMessage(901, LogLevel.Information, "Draining: open requests may end. A second signal stops at once.")]
    public static partial void Draining(ILogger logger);

    [LoggerMessage(902, LogLevel.Information, "Stopped: {Closed} connections closed in time, {Cut} cut.")]
    public static partial void Drained(ILogger logger, int closed, int cut);

    [LoggerMessage(903, LogLevel.Information, "Stopped at once.")]
    public static partial void StoppedAtOnce(ILogger logger);

    [LoggerMessage(904, LogLevel.Information, "Reading {File} again.")]
    public static partial void Reading(ILogger logger, string file);

    [LoggerMessage(905, LogLevel.Warning, "There is no file to read again: it was started without --config.")]
    public static partial void NothingToRead(ILogger logger);

    [LoggerMessage(906, LogLevel.Error, "Nothing has changed: {Count} problems, one a line above.")]
    public static partial void NothingChanged(ILogger logger, int count);
}
