using System.Text;
using L7Engine.Host.Text;
using NUnit.Framework;

namespace L7Engine.Tests.Host;

[TestFixture]
internal sealed class QueuedLinesTests
{
    [Test]
    public void Lines_come_in_their_order_and_all_of_them_before_the_end()
    {
        using var output = new StringWriter();
        using (var lines = new QueuedLines(output))
        {
            for (int i = 0; i < 1_000; i++)
            {
                lines.WriteLine($"{i}");
            }
        }

        Assert.That(LinesOf(output.ToString()), Is.EqualTo(Enumerable.Range(0, 1_000).Select(i => $"{i}")));
    }

    [Test]
    public void Who_writes_does_not_wait_for_a_stalled_reader_and_what_was_lost_is_told()
    {
        using var output = new Stalled();
        using (var lines = new QueuedLines(output, capacity: 3))
        {
            lines.WriteLine("first");
            Assert.That(output.Begun.Wait(TimeSpan.FromMinutes(2)));
            for (int i = 0; i < 10; i++)
            {
                lines.WriteLine($"{i}");
            }

            output.Resume.Set();
        }

        Assert.That(output.Lines, Is.EqualTo(["first", "7 lines lost: written too fast", "0", "1", "2"]));
    }

    private static string[] LinesOf(string text) =>
        text.Split(Environment.NewLine, StringSplitOptions.RemoveEmptyEntries);

    /// <summary>Takes its first line, and no other until it is let go on.</summary>
    private sealed class Stalled : TextWriter
    {
        public List<string> Lines { get; } = [];

        public ManualResetEventSlim Begun { get; } = new();

        public ManualResetEventSlim Resume { get; } = new();

        public override Encoding Encoding => Encoding.UTF8;

        public override void WriteLine(string? value)
        {
            Begun.Set();
            Resume.Wait();
            Lines.Add(value!);
        }

        protected override void Dispose(bool disposing)
        {
            Begun.Dispose();
            Resume.Dispose();
            base.Dispose(disposing);
        }
    }
}
