using System.Text;
using L7Engine.Diagnostics;
using NUnit.Framework;

namespace L7Engine.Tests.Diagnostics;

[TestFixture]
internal sealed class ViaTokenTests
{
    private readonly ViaToken _via = new("l7engine");

    [Test]
    public void The_element_is_the_pseudonym_and_a_comment()
    {
        Assert.That(Encoding.ASCII.GetString(_via.Element), Does.Match(@"^l7engine \([0-9a-f]{16}\)$"));
    }

    [Test]
    public void An_engine_knows_its_own_element_among_others()
    {
        byte[] value = [.. "1.0 fred, 1.1 "u8, .. _via.Element, .. ", 1.1 p.example.net"u8];

        Assert.That(_via.IsIn(value), Is.True);
    }

    [Test]
    public void Another_engine_of_the_same_name_is_not_taken_for_us()
    {
        Assert.That(_via.IsIn(new ViaToken("l7engine").Element), Is.False);
    }
}
