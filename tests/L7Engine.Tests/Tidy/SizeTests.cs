using NUnit.Framework;

namespace L7Engine.Tests.Tidy;

[TestFixture]
internal sealed class SizeTests
{
    private const int MaxLines = 400;
    private const int MaxColumns = 120;

    // What was looked at and left longer: the file, how long it may be, and why.
    private static readonly (string Path, int MaxLines, string Because)[] Longer =
    [
        ("engine/L7Engine/Proxying/Exchange.cs", 530, "One async method holds every await of an exchange."),
        ("engine/L7Engine/Clients/ClientConnection.cs", 330, "One async method holds the life of a connection."),
    ];

    [Test]
    public void No_file_of_the_engine_is_longer_than_can_be_read_in_one_go()
    {
        var tooLong = from file in SourceTree.FilesIn("engine/")
                      let allowed = Longer.Where(l => l.Path == file.Path).Select(l => l.MaxLines)
                      where file.Lines.Length - 1 > allowed.SingleOrDefault(MaxLines)
                      select $"{file.Path} has {file.Lines.Length - 1} lines";

        Assert.That(tooLong, Is.Empty);
    }

    [Test]
    public void No_line_is_wider_than_a_screen([Values("engine/", "benchmarks/", "samples/")] string folder)
    {
        var tooWide = from file in SourceTree.FilesIn(folder)
                      from line in file.Lines.Index()
                      where line.Item.Length > MaxColumns
                      select $"{file.Path}:{line.Index + 1} has {line.Item.Length} columns";

        Assert.That(tooWide, Is.Empty);
    }
}
