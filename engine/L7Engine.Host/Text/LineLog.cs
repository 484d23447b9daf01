using System.Globalization;
using Microsoft.Extensions.Logging;

namespace L7Engine.Host.Text;

/// <summary>Writes each log event as one line: time, level, event id, message.</summary>
/// <remarks>
/// Thread-safe. The console logger of the platform would cost more memory than the rest of the command, and it
/// writes what peers sent as it came.
/// </remarks>
internal sealed class LineLog(TextWriter output, TimeProvider time, LogLevel least) : ILoggerFactory, ILogger
{
    private readonly Lock _writing = new();

    public ILogger CreateLogger(string categoryName) => this;

    public void AddProvider(ILoggerProvider provider) => throw new NotSupportedException("The lines go to one place.");

    public bool IsEnabled(LogLevel logLevel) => logLevel >= least && logLevel != LogLevel.None;

    public IDisposable? BeginScope<TState>(TState state)
        where TState : notnull => null;

    public void Log<TState>(
        LogLevel logLevel,
        EventId eventId,
        TState state,
        Exception? exception,
        Func<TState, Exception?, string> formatter)
    {
        if (!IsEnabled(logLevel))
        {
            return;
        }

        string message = exception is null ? formatter(state, null) : $"{formatter(state, exception)} {exception}";
        string now = time.GetUtcNow().ToString("yyyy-MM-ddTHH:mm:ss.fffZ", CultureInfo.InvariantCulture);
        string line = string.Create(null, $"{now} {NameOf(logLevel)} {eventId.Id} {PlainText.OneLine(message)}");
        lock (_writing)
        {
            try
            {
                output.WriteLine(line);
            }
            catch (IOException)
            {
                // The reader of the log is gone. The requests are worth more than the lines.
            }
        }
    }

    public void Dispose()
    {
    }

    private static string NameOf(LogLevel level) => level switch
    {
        LogLevel.Trace => "trace",
        LogLevel.Debug => "debug",
        LogLevel.Information => "info",
        LogLevel.Warning => "warn",
        LogLevel.Error => "error",
        _ => "critical",
    };
}
