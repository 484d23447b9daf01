using System.Net;
using L7Engine.EndToEnd.Tests.Support;
using NUnit.Framework;

namespace L7Engine.EndToEnd.Tests.Host;

/// <summary>SIGHUP: the file is read again and applied, or it is said what is wrong with it and nothing changes.
/// </summary>
[TestFixture]
internal sealed class ReloadTests
{
    private const string Request = "GET / HTTP/1.1\r\nHost: x\r\n\r\n";

    private readonly TempFolder _folder = new();

    [OneTimeTearDown]
    public void RemoveFolder() => _folder.Dispose();

    [Test]
    public async Task Idle_clients_keep_their_connections_and_are_served_by_the_new_file()
    {
        await using ScriptedBackend one = ScriptedBackend.Saying("one");
        await using ScriptedBackend two = ScriptedBackend.Saying("two");
        string file = _folder.Write("applied.json", Config(one.Address));
        await using HostProcess host = await HostProcess.ServeAsync("--config", file);
        using WireStream client = await WireStream.ConnectAsync(host.Address);
        Assert.That(await AskAsync(client), Is.EqualTo("one"));

        _folder.Write("applied.json", Config(two.Address));
        host.HangUp();
        await host.Errors.ContainingAsync("backends 0 kept, 1 added, 1 removed");

        Assert.That(await AskAsync(client), Is.EqualTo("two"));
        Assert.That(host.Errors.ToString(), Does.Contain("listeners 1 kept, 0 opened, 0 closed"));
    }

    [TestCase("""{ "listeners": [ { "address": "127.0.0.1:0", "keepAl""", "broken.json:1:", TestName = "a_file_half_written")]
    [TestCase("", "broken.json:1:1", TestName = "a_file_that_is_empty")]
    [TestCase(null, "broken.json: cannot be read", TestName = "a_file_that_has_gone")]
    public async Task What_cannot_be_read_changes_nothing(string? text, string expected)
    {
        await using ScriptedBackend one = ScriptedBackend.Saying("one");
        string file = _folder.Write("broken.json", Config(one.Address));
        await using HostProcess host = await HostProcess.ServeAsync("--config", file);
        using WireStream client = await WireStream.ConnectAsync(host.Address);
        await AskAsync(client);
        if (text is null)
        {
            File.Delete(file);
        }
        else
        {
            _folder.Write("broken.json", text);
        }

        host.HangUp();
        await host.Errors.ContainingAsync("Nothing has changed");
        Assert.That(host.Errors.ToString(), Does.Contain(expected));
        Assert.That(await AskAsync(client), Is.EqualTo("one"));

        _folder.Write("broken.json", Config(one.Address));
        host.HangUp();
        await host.Errors.ContainingAsync("Configuration applied");
        Assert.That(await AskAsync(client), Is.EqualTo("one"));
    }

    [Test]
    public async Task Everything_that_is_wrong_or_cannot_change_is_said_with_its_place()
    {
        await using ScriptedBackend one = ScriptedBackend.Saying("one");
        string file = _folder.Write("fixed.json", Config(one.Address));
        await using HostProcess host = await HostProcess.ServeAsync("--config", file);

        _folder.Write("fixed.json", Config(one.Address, loops: 2, more: "\"limits\": { \"maxBuffer\": \"1MiB\" },"));
        host.HangUp();

        await host.Errors.ContainingAsync("fixed.json:4:12: loops: is 2, and 1 is in force");
        await host.Errors.ContainingAsync("fixed.json:3:28: limits.maxBuffer: is 1MiB, and 0 is in force");
        await host.Errors.ContainingAsync("Nothing has changed: 2 problems");
    }

    [Test]
    public async Task Without_a_file_there_is_nothing_to_read()
    {
        await using ScriptedBackend one = ScriptedBackend.Saying("one");
        await using HostProcess host = await HostProcess.ServeAsync(one.Address, "--loops", "1");

        host.HangUp();
        await host.Errors.ContainingAsync("There is no file to read again");
        host.Terminate();

        Assert.That(await host.ExitAsync(), Is.Zero);
    }

    private static string Config(IPEndPoint backend, int loops = 1, string more = "") => $$"""
        { "listeners": [ { "address": "127.0.0.1:0" } ],
          "groups": [ { "backends": [ { "address": "{{backend}}" } ] } ],
          {{more}}
          "loops": {{loops}} }
        """;

    private static async Task<string> AskAsync(WireStream client)
    {
        await client.SendAsync(Request);
        WireHead? head = await client.ReadHeadAsync();
        Assert.That(head, Is.Not.Null, "the connection has ended");
        return System.Text.Encoding.ASCII.GetString(await client.ReadExactlyAsync((int)head.Length!.Value));
    }
}
