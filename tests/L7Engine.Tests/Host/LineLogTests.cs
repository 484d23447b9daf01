using L7Engine.Host.Text;
using Microsoft.Extensions.Logging;
using NUnit.Framework;

namespace L7Engine.Tests.Host;

[TestFixture]
internal sealed class LineLogTests
{
    private readonly StringWriter _output = new();

    [OneTimeTearDown]
    public void Dispose() => _output.Dispose();

    [Test]
    public void An_event_is_one_line_whatever_a_peer_sent()
    {
        using var log = new LineLog(_output, new Noon(), LogLevel.Information);

        Write(log, LogLevel.Debug, "not this");
        Write(log, LogLevel.Warning, "target /a\r\nfake line \u001b[31m");

        Assert.That(_output.ToString(), Is.EqualTo(
            "2026-01-02T12:00:00.000Z warn 301 target /a\\r\\nfake line \\u001b[31m" + Environment.NewLine));
    }

    private static void Write(LineLog log, LogLevel level, string message) =>
        log.Log(level, new EventId(301), message, null, (state, _) => state);

    private sealed class Noon : TimeProvider
    {
        public override DateTimeOffset GetUtcNow() => new(2026, 1, 2, 12, 0, 0, TimeSpan.Zero);
    }
}
