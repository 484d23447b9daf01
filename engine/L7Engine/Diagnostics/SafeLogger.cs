using Microsoft.Extensions.Logging;

namespace L7Engine.Diagnostics;

/// <summary>The embedder's logger, which may throw: that costs the line, and neither a connection nor a loop.</summary>
/// <remarks>
/// Thread-safe where the embedder's is. A loop logs in the middle of what it does, accepting for one, and where it has
/// just caught an exception: nothing there could do anything about one more.
/// </remarks>
internal sealed class SafeLogger(ILogger logger) : ILogger
{
    public IDisposable? BeginScope<TState>(TState state)
        where TState : notnull => null;

    public bool IsEnabled(LogLevel logLevel)
    {
        try
        {
            return logger.IsEnabled(logLevel);
        }
        catch (Exception)
        {
            return false;
        }
    }

    public void Log<TState>(
        LogLevel logLevel, EventId eventId, TState state, Exception? exception,
        Func<TState, Exception?, string> formatter)
    {
        try
        {
            logger.Log(logLevel, eventId, state, exception, formatter);
        }
        catch (Exception)
        {
            // There is nobody left to tell.
        }
    }
}
