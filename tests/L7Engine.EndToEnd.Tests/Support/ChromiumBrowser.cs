using System.Globalization;

namespace L7Engine.EndToEnd.Tests.Support;

/// <summary>A browser that opens one page, draws it, and ends.</summary>
internal static class ChromiumBrowser
{
    /// <summary>Draws a page as a browser shows it.</summary>
    /// <param name="page">A file.</param>
    /// <param name="picture">The file to write, as PNG.</param>
    /// <param name="width">Of the window, in pixels.</param>
    /// <param name="height">Of the window, in pixels; nothing below is drawn.</param>
    /// <param name="isDark">Whether the reader prefers dark.</param>
    /// <returns>What was written to the console of the page, and what the browser could not load.</returns>
    public static async Task<IReadOnlyList<string>> DrawAsync(
        string page, string picture, int width, int height, bool isDark)
    {
        using var profile = new TempFolder();
        ToolResult result = await Tool.RunAsync(
            "chromium", "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
            "--disable-background-networking", "--disable-component-update", "--disable-sync", "--hide-scrollbars",
            "--enable-logging=stderr", $"--user-data-dir={profile.Root}",
            string.Create(CultureInfo.InvariantCulture, $"--window-size={width},{height}"),
            $"--blink-settings=preferredColorScheme={(isDark ? 0 : 1)}",
            $"--screenshot={picture}", new Uri(page).AbsoluteUri);
        if (result.ExitCode != 0 || !File.Exists(picture))
        {
            throw new InvalidOperationException(result.ToString());
        }

        return [.. result.Errors.Split('\n').Where(line => line.Contains("CONSOLE", StringComparison.Ordinal))];
    }
}
