using NUnit.Framework;

namespace L7Engine.Tests.Tidy;

[TestFixture]
internal sealed class PublicApiTests
{
    private const string Checked = "tests/L7Engine.Tests/Tidy/PublicApi.txt";

    private static readonly Type[] PublicTypes = typeof(LoadBalancer).Assembly.GetExportedTypes();

    [Test]
    public void The_public_types_are_the_root_files()
    {
        Assert.That(
            PublicTypes.Select(t => t.Name),
            Is.EquivalentTo(SourceTree.LibraryRootFiles().Select(f => Path.GetFileNameWithoutExtension(f.Name))));
    }

    // Whoever changes the public face must see it: here, and again in the review of the list.
    [Test]
    public void The_public_members_are_those_that_were_checked_in()
    {
        string actual = PublicSurface.Of(PublicTypes);

        Assert.That(actual, Is.EqualTo(SourceTree.ReadText(Checked)), $"If it is meant, {Checked} becomes:\n{actual}");
    }
}
