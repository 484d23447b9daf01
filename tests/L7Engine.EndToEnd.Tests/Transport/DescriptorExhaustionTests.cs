using System.Diagnostics;
using L7Engine.EndToEnd.Tests.Support;
using L7Engine.Tests.Transport;
using L7Engine.Transport;
using L7Engine.Transport.Epoll;
using Microsoft.Win32.SafeHandles;
using NUnit.Framework;

namespace L7Engine.EndToEnd.Tests.Transport;

/// <summary>Accepting without a descriptor left, in a process that may have few of them.</summary>
[TestFixture]
[Platform("Linux")]
internal sealed class DescriptorExhaustionTests
{
    private const int Clients = 20;
    private const int TooManyOpenFiles = 24;

    private readonly List<SafeFileHandle> _taken = [];
    private readonly List<TransportConnection> _clients = [];
    private readonly List<TransportConnection> _accepted = [];
    private readonly List<int> _pauses = [];

    [Test]
    public void Accepting_pauses_without_spinning_and_goes_on_when_there_are_descriptors_again()
    {
        string assembly = typeof(DescriptorExhaustionTests).Assembly.Location;
        using var child = Process.Start(new ProcessStartInfo("sh")
        {
            ArgumentList = { "-c", $"ulimit -n 256; exec dotnet exec '{assembly}' exhaust-descriptors" },
            RedirectStandardError = true,
        })!;
        Task<string> error = child.StandardError.ReadToEndAsync();
        if (!child.WaitForExit(Patience.Cap))
        {
            child.Kill();
        }

        Assert.That(child.ExitCode, Is.Zero, error.Result);
    }

    /// <summary>The scenario, in the child.</summary>
    public static int Run()
    {
        try
        {
            using var bed = new ThreadBed(new EpollTransport());
            bed.Run(loop => new DescriptorExhaustionTests().RunAsync(loop));
            return 0;
        }
        catch (Exception exception)
        {
            Console.Error.WriteLine(exception);
            return 1;
        }
    }

    private async Task RunAsync(EventLoop loop)
    {
        TransportListener listener = loop.Listen(Loopback.AnyPort, Loopback.Settings);
        listener.AcceptPaused = _pauses.Add;
        listener.SetAccepting(false);
        _ = Loopback.AcceptAllAsync(listener, _accepted);
        for (int i = 0; i < Clients; i++)
        {
            _clients.Add(await Loopback.ConnectAsync(loop, listener.Address));
        }

        TakeAll();
        listener.SetAccepting(true);
        int turn = loop.Turn;
        await LoopDelay.Of(loop, 10);
        Expect(_accepted.Count == 0, "nothing can be accepted");
        Expect(_pauses.SequenceEqual([TooManyOpenFiles]), $"one pause, not {_pauses.Count}");
        Expect(loop.Turn - turn < 50, $"{loop.Turn - turn} turns in a second are a spin");

        // One that closes makes room for one, at once.
        _clients[0].Close();
        await LoopDelay.UntilAsync(loop, () => _accepted.Count == 1);

        ConnectResult refused = await loop.ConnectAsync(listener.Address, default, long.MaxValue);
        Expect(refused.Connection is null && refused.IsLocalCause, $"{refused.Error} is a local cause");

        _taken.ForEach(handle => handle.Dispose());
        await LoopDelay.UntilAsync(loop, () => _accepted.Count == Clients);
    }

    private void TakeAll()
    {
        try
        {
            while (true)
            {
                _taken.Add(File.OpenHandle("/dev/null"));
            }
        }
        catch (IOException)
        {
            // There are none left.
        }
    }

    private static void Expect(bool condition, string what)
    {
        if (!condition)
        {
            throw new InvalidOperationException(what);
        }
    }
}
