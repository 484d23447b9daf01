using System.Security.Cryptography;
using L7Engine.EndToEnd.Tests.Support;
using NUnit.Framework;

namespace L7Engine.EndToEnd.Tests.Serving;

/// <summary>curl in front of the command, nginx behind it.</summary>
[TestFixture]
internal sealed class CurlTests
{
    private const string Status = "%{http_code} HTTP/%{http_version} connects=%{num_connects}\n";
    private static readonly string Hundred = new('x', 100);

    private ServedNginx? _served;

    private ServedNginx Served => _served!;

    [OneTimeSetUp]
    public async Task Start() => _served = await ServedNginx.StartAsync();

    [OneTimeTearDown]
    public async Task Stop() => await (_served?.DisposeAsync() ?? default);

    // RFC 9110 section 2.5: the version in a response is that of its sender.
    [TestCase("--http1.1")]
    [TestCase("--http1.0")]
    public async Task A_request_of_either_version_is_answered_with_1_1(string version)
    {
        string output = await CurlAsync(version, "-w", $"\n{Status}", Served.UrlOf(NginxProcess.Hundred));

        Assert.That(output.Trim(), Is.EqualTo($"{Hundred}\n200 HTTP/1.1 connects=1"));
    }

    [Test]
    public async Task Two_requests_of_a_1_0_client_that_asks_for_it_share_a_connection()
    {
        string url = Served.UrlOf(NginxProcess.Hundred);
        string output = await CurlAsync(
            "--http1.0", "-H", "Connection: keep-alive", "-o", "/dev/null", "-o", "/dev/null", "-w", Status, url, url);

        Assert.That(output.Trim().Split('\n').Select(line => line[^1]), Is.EqualTo("10"), output);
    }

    [TestCase("--http1.0", "11")]
    [TestCase("--http1.1", "10")]
    public async Task Two_requests_share_a_connection_by_the_default_of_their_version(string version, string connects)
    {
        string url = Served.UrlOf(NginxProcess.Hundred);
        string output = await CurlAsync(version, "-o", "/dev/null", "-o", "/dev/null", "-w", Status, url, url);

        Assert.That(output.Trim().Split('\n').Select(line => line[^1]), Is.EqualTo(connects), output);
    }

    [TestCase("", TestName = "An_upload_with_a_length_that_waits_for_100_arrives_whole")]
    [TestCase("Transfer-Encoding: chunked", TestName = "An_upload_in_chunks_that_waits_for_100_arrives_whole")]
    public async Task An_upload_that_waits_for_100_arrives_whole(string field)
    {
        using var folder = new TempFolder();
        byte[] body = RandomNumberGenerator.GetBytes(5_000_000);
        string file = folder.Write("upload", body);
        string name = $"/files/{Guid.NewGuid():N}";

        string output = await CurlAsync(
            "-v", "-T", file, "-H", "Expect: 100-continue", "-H", field, "-w", Status, Served.UrlOf(name));

        byte[] received = await File.ReadAllBytesAsync(Served.Nginx.Folder.PathOf(name[1..]));
        Assert.That(output, Does.StartWith("201 "));
        Assert.That(SHA256.HashData(received), Is.EqualTo(SHA256.HashData(body)));
    }

    [Test]
    public async Task A_range_is_served_and_nothing_more()
    {
        byte[] file = RandomNumberGenerator.GetBytes(100_000);
        Served.Nginx.AddFile("range", file);
        string part = Served.Nginx.Folder.PathOf("part");

        string output = await CurlAsync("-r", "1000-50999", "-o", part, "-w", Status, Served.UrlOf("/files/range"));

        Assert.That(output, Does.StartWith("206 "));
        Assert.That(await File.ReadAllBytesAsync(part), Is.EqualTo(file[1000..51000]));
    }

    [Test]
    public async Task A_head_request_has_the_length_and_no_body_and_the_connection_persists()
    {
        string url = Served.UrlOf(NginxProcess.Hundred);
        string output = await CurlAsync("-I", "-w", Status, url, url);

        Assert.That(output, Does.Contain("Content-Length: 100"));
        Assert.That(output, Does.EndWith("200 HTTP/1.1 connects=0\n"));
    }

    [Test]
    public async Task A_large_upload_that_nginx_refuses_at_once_is_told_413()
    {
        using var folder = new TempFolder();
        string file = folder.Write("upload", new byte[8_000_000]);

        string output = await CurlAsync("-T", file, "-H", "Expect:", "-w", Status, Served.UrlOf("/refusing/x"));

        Assert.That(output, Does.Contain("\n413 HTTP/1.1"));
    }

    /// <returns>What curl wrote to stdout; it must have succeeded.</returns>
    private static async Task<string> CurlAsync(params string[] arguments)
    {
        ToolResult result = await Tool.RunAsync("curl", ["-sS", .. arguments]);
        Assert.That(result.ExitCode, Is.Zero, result.ToString());
        return result.Output + "\n";
    }
}
