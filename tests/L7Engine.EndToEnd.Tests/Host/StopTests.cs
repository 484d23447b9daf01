using System.Net.Sockets;
using L7Engine.EndToEnd.Tests.Support;
using NUnit.Framework;

namespace L7Engine.EndToEnd.Tests.Host;

/// <summary>How the command ends: what is open may finish, nothing new begins, and who insists is obeyed.</summary>
[TestFixture]
internal sealed class StopTests
{
    private const string Request = "GET / HTTP/1.1\r\nHost: x\r\n\r\n";
    private const string Response = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi";

    // Longer than any test waits: an end that comes is no end of this deadline.
    private const string LongDrain = """
        {
          "listeners": [ { "address": "127.0.0.1:0" } ],
          "groups": [ { "backends": [ { "address": "BACKEND" } ] } ],
          "timeouts": { "drain": "12h" },
          "loops": 1
        }
        """;


    [TestCase(true, TestName = "SIGTERM_lets_a_request_finish_and_says_close")]
    [TestCase(false, TestName = "SIGINT_lets_a_request_finish_and_says_close")]
    public async Task A_signal_lets_a_request_finish(bool isTerm)
    {
        var held = new Held();
        await using ScriptedBackend backend = held.Backend();
        await using HostProcess host = await HostProcess.ServeAsync(backend.Address, "--loops", "1");
        using WireStream idle = await WireStream.ConnectAsync(host.Address);
        using WireStream busy = await WireStream.ConnectAsync(host.Address);
        await busy.SendAsync(Request);
        await held.ArrivedAsync();

        Signal(host, isTerm);

        // The listener is closed before the idle connections are: this end says that nothing more is accepted.
        Assert.That(await idle.ReadToEndAsync(), Is.Empty);
        await Assert.ThatAsync(
            () => WireStream.ConnectAsync(host.Address),
            Throws.InstanceOf<SocketException>().With.Property(nameof(SocketException.SocketErrorCode))
                .EqualTo(SocketError.ConnectionRefused));

        held.Answer();
        WireHead? head = await busy.ReadHeadAsync();
        Assert.That(head!.Status, Is.EqualTo(200));
        Assert.That(head["Connection"], Is.EqualTo("close"));
        Assert.That(await busy.ReadToEndAsync(), Is.EqualTo("hi"u8.ToArray()));
        busy.Finish();
        Assert.That(await host.ExitAsync(), Is.Zero, host.Errors.ToString());
    }

    [Test]
    public async Task A_second_signal_ends_at_once_what_is_still_open()
    {
        using var folder = new TempFolder();
        var held = new Held();
        await using ScriptedBackend backend = held.Backend();
        string config = folder.Write("config.json", LongDrain.Replace("BACKEND", $"{backend.Address}"));
        await using HostProcess host = await HostProcess.ServeAsync("--config", config);
        using WireStream busy = await WireStream.ConnectAsync(host.Address);
        await busy.SendAsync(Request);
        await held.ArrivedAsync();

        host.Terminate();
        await host.Errors.ContainingAsync("Draining");
        host.Terminate();

        Assert.That(await host.ExitAsync(), Is.Zero, host.Errors.ToString());
        Assert.That(host.Errors.ToString(), Does.Contain("1 cut"));
    }

    [Test]
    public async Task A_signal_without_work_ends_it()
    {
        await using ScriptedBackend backend = ScriptedBackend.Saying("hi");
        await using HostProcess host = await HostProcess.ServeAsync(backend.Address);

        host.Terminate();

        Assert.That(await host.ExitAsync(), Is.Zero, host.Errors.ToString());
    }

    private static void Signal(HostProcess host, bool isTerm)
    {
        if (isTerm)
        {
            host.Terminate();
        }
        else
        {
            host.Interrupt();
        }
    }

    /// <summary>A backend that has a request and answers when it is told to.</summary>
    private sealed class Held
    {
        private readonly TaskCompletionSource _arrived = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private readonly TaskCompletionSource _answer = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public ScriptedBackend Backend() => new(async stream =>
        {
            await stream.ReadHeadAsync();
            _arrived.SetResult();
            await Task.WhenAny(_answer.Task, stream.ReadToEndAsync());
            await stream.SendAsync(Response);
        });

        public Task ArrivedAsync() => Patience.ForAsync(_arrived.Task, "the request's arrival at the backend");

        public void Answer() => _answer.SetResult();
    }
}
