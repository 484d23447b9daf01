using System.Reflection;
using L7Engine.Diagnostics;
using Microsoft.Extensions.Logging;
using NUnit.Framework;

namespace L7Engine.Tests.Diagnostics;

[TestFixture]
internal sealed class EngineLogTests
{
    [Test]
    public void No_two_events_share_an_id()
    {
        Assert.That(Events().Select(e => e.EventId), Is.Unique);
    }

    [Test]
    public void What_a_request_can_cause_is_not_logged_at_Information_or_above()
    {
        var loud = Events().Where(e => e.EventId is >= 200 and < 400 && e.Level >= LogLevel.Information);

        Assert.That(loud.Select(e => e.EventId), Is.Empty);
    }

    private static IEnumerable<LoggerMessageAttribute> Events() =>
        from method in typeof(EngineLog).GetMethods()
        let message = method.GetCustomAttribute<LoggerMessageAttribute>()
        where message is not null
        select message;
}
