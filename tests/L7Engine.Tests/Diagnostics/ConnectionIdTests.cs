using L7Engine.Diagnostics;
using NUnit.Framework;

namespace L7Engine.Tests.Diagnostics;

[TestFixture]
internal sealed class ConnectionIdTests
{
    [Test]
    public void The_next_connection_in_a_slot_has_another_id()
    {
        Assert.That(new ConnectionId(7, 1), Is.Not.EqualTo(new ConnectionId(7, 2)));
    }

    [Test]
    public void An_id_is_shown_as_slot_and_generation()
    {
        Assert.That(new ConnectionId(31, 10).ToString(), Is.EqualTo("1f-a"));
    }
}
