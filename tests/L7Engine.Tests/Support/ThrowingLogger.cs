using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;

namespace L7Engine.Tests.Support;

/// <summary>A logger of an embedder that throws at every call.</summary>
/// <param name="whenAsked">It throws when it is asked whether it logs; else it says so, and throws when it is to.</param>
/// <remarks>Thread-safe.</remarks>
internal sealed class ThrowingLogger(bool whenAsked) : ILogger
{
    private readonly ConcurrentQueue<int> _events = new();
    private int _callCount;

    /// <summary>How often it has thrown.</summary>
    public int CallCount => Volatile.Read(ref _callCount);

    /// <summary>The ids of what it was to log.</summary>
    public IReadOnlyCollection<int> Events => _events;

    /// <summary>For an engine to make its logger of.</summary>
    public ILoggerFactory Factory => new OneLog(this);

    public IDisposable? BeginScope<TState>(TState state)
        where TState : notnull => throw Next();

    public bool IsEnabled(LogLevel logLevel) => whenAsked ? throw Next() : true;

    public void Log<TState>(
        LogLevel logLevel, EventId eventId, TState state, Exception? exception,
        Func<TState, Exception?, string> formatter)
    {
        _events.Enqueue(eventId.Id);
        throw Next();
    }

    private InvalidOperationException Next()
    {
        Interlocked.Increment(ref _callCount);
        return new InvalidOperationException("The log is full.");
    }
}
