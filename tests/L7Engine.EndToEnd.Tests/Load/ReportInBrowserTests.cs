using L7Engine.EndToEnd.Tests.Support;
using L7Engine.Load.Bench.Report;
using L7Engine.Tests.Load;
using NUnit.Framework;

namespace L7Engine.EndToEnd.Tests.Load;

/// <summary>The report as a browser shows it. Page and pictures stay beside the tests.</summary>
[TestFixture]
internal sealed class ReportInBrowserTests
{
    private const int White = 765;

    [TestCase(800, 6_400, false, TestName = "The_report_is_drawn_in_light")]
    [TestCase(800, 6_400, true, TestName = "The_report_is_drawn_in_dark")]
    [TestCase(500, 6_400, false, TestName = "The_report_is_drawn_on_a_narrow_screen")]
    public async Task The_report_is_drawn_without_a_word_on_the_console(int width, int height, bool isDark)
    {
        string name = Path.Combine(
            TestContext.CurrentContext.WorkDirectory, $"report-{width}-{(isDark ? "dark" : "light")}");
        (string page, string picture) = (name + ".html", name + ".png");
        await File.WriteAllTextAsync(page, ReportPage.Write(SampleReport.Full));

        IReadOnlyList<string> console = await ChromiumBrowser.DrawAsync(page, picture, width, height, isDark);

        TestContext.AddTestAttachment(picture);
        PngPicture drawn = PngPicture.Read(picture);
        Assert.That(console, Is.Empty);
        Assert.That(drawn.Width, Is.EqualTo(width));
        Assert.That(drawn.BrightnessAt(2, 2), isDark ? Is.LessThan(White / 6) : Is.EqualTo(White));
        for (int top = 0; top < 3_000; top += 500)
        {
            Assert.That(drawn.BrightnessesBetween(top, top + 500), Is.AtLeast(20), $"from {top} on");
        }
    }

    // A window of the browser is not so narrow, but a frame is. What is too wide for it scrolls in itself: its margin of
    // 16 pixels stays empty.
    [Test]
    public async Task Nothing_sticks_out_of_a_window_of_400_pixels()
    {
        const int Width = 400;
        using var folder = new TempFolder();
        folder.Write("report.html", ReportPage.Write(SampleReport.Full));
        string frame = folder.Write(
            "frame.html", $"<body style='margin:0'><iframe src='report.html' style='width:{Width}px;height:9000px;border:0'>");
        string picture = folder.PathOf("frame.png");

        await ChromiumBrowser.DrawAsync(frame, picture, 600, 9_000, isDark: false);

        PngPicture drawn = PngPicture.Read(picture);
        Assert.That(drawn.BrightnessesBetween(0, 1_000), Is.AtLeast(20));
        var stained = Enumerable.Range(0, drawn.Height)
            .Where(y => Enumerable.Range(Width - 12, 12).Any(x => drawn.BrightnessAt(x, y) != White));
        Assert.That(stained, Is.Empty);
    }

    [Test]
    public async Task One_command_measures_and_writes_a_page_that_a_browser_shows()
    {
        using var folder = new TempFolder();
        string page = folder.PathOf("report.html");
        string picture = folder.PathOf("report.png");
        ToolResult run = await Tool.RunAsync(
            HostCommand.Words[0],
            [.. HostCommand.Words.Skip(1), "bench", "--blocks", "2", "--duration", "200ms", "--report", page]);

        Assert.That(run.ExitCode, Is.Zero, run.ToString());
        Assert.That(await ChromiumBrowser.DrawAsync(page, picture, 800, 3_000, isDark: true), Is.Empty);
        Assert.That(await File.ReadAllTextAsync(page), Does.Contain("keep-alive → close").And.Contain("tcp_tw_reuse"));
        Assert.That(PngPicture.Read(picture).BrightnessesBetween(0, 1_000), Is.AtLeast(20));
    }

    // What the tests above would see if the page did ask for something or failed.
    [Test]
    public async Task A_page_that_asks_for_more_than_itself_is_seen()
    {
        using var folder = new TempFolder();
        string page = folder.Write(
            "report.html",
            ReportPage.Write(SampleReport.Full).Replace("</header>", "<img src='https://127.0.0.1:1/x.png' alt=''></header>"));

        IReadOnlyList<string> console = await ChromiumBrowser.DrawAsync(
            page, folder.PathOf("picture.png"), 800, 600, isDark: false);

        Assert.That(console, Has.Some.Contains("Content Security Policy"));
    }
}
