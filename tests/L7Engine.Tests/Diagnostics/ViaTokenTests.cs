using System.Text;
using L7Engine.Diagnostics;
using NUnit.Framework;

namespace L7Engine.Tests.Diagnostics;

[TestFixture]
internal sealed class ViaTokenTests
{
    [Test]
    public void An_element_is_the_pseudonym_with_the_token_as_its_comment()
    {
        var token = new ViaToken();

        string element = Encoding.ASCII.GetString(token.ElementOf("edge"));

        Assert.That(element, Is.EqualTo($"edge ({Encoding.ASCII.GetString(token.Bytes)})"));
    }

    [Test]
    public void Two_engines_have_tokens_of_their_own() =>
        Assert.That(new ViaToken().Bytes.SequenceEqual(new ViaToken().Bytes), Is.False);
}
