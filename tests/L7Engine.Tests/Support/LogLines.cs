using Microsoft.Extensions.Logging;

namespace L7Engine.Tests.Support;

/// <summary>Remembers what is logged, line by line with its id.</summary>
internal sealed class LogLines : ILogger
{
    private readonly List<(int Id, string Text)> _lines = [];

    /// <summary>The lines of one event, in order.</summary>
    public IEnumerable<string> Of(int id) => _lines.Where(line => line.Id == id).Select(line => line.Text);

    /// <summary>For an engine to make its logger of.</summary>
    public ILoggerFactory Factory => new OneLog(this);

    public IDisposable? BeginScope<TState>(TState state)
        where TState : notnull => null;

    public bool IsEnabled(LogLevel logLevel) => true;

    public void Log<TState>(
        LogLevel logLevel, EventId eventId, TState state, Exception? exception,
        Func<TState, Exception?, string> formatter) => _lines.Add((eventId.Id, formatter(state, exception)));
}
