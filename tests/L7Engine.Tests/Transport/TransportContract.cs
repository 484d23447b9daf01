using System.IO.Pipelines;
using System.Net;
using L7Engine.Timing;
using L7Engine.Transport;
using NUnit.Framework;

namespace L7Engine.Tests.Transport;

/// <summary>What every transport must do. A fixture per transport derives from each of the contracts.</summary>
/// <remarks>
/// A scenario runs on one loop that owns both ends of a connection. When it is over both are closed, and no block may
/// be missing.
/// </remarks>
internal abstract class TransportContract
{
    protected const long PlentyBytes = 256 * 1024 * 1024;

    private static readonly ListenSettings Settings = new(Backlog: 16, SharePort: false, default);

    private ITransportBed _bed = null!;

    [SetUp]
    public void SetUp() => _bed = CreateBed();

    [TearDown]
    public void TearDown() => _bed.Dispose();

    protected abstract ITransportBed CreateBed();

    /// <summary>Runs a scenario with both ends of a connection.</summary>
    protected void Run(
        Func<TransportConnection, TransportConnection, Task> scenario, long budgetBytes = PlentyBytes)
    {
        EventLoop loop = _bed.CreateLoop(budgetBytes);
        _bed.Run(loop, async () =>
        {
            (TransportConnection near, TransportConnection far) = await OpenPairAsync(loop);
            await scenario(near, far);
            near.Close();
            far.Close();
            await LoopDelay.Of(loop, 1);
            Assert.That(loop.Blocks.RentedCount, Is.Zero, "blocks rented after both ends are closed");
        });
    }

    /// <summary>Runs a scenario with two loops, on the first, that ends the first itself.</summary>
    protected void RunToTheEnd(Func<EventLoop, TransportListener, Task> scenario)
    {
        EventLoop loop = _bed.CreateLoop(PlentyBytes);
        EventLoop other = _bed.CreateLoop(PlentyBytes);
        TransportListener? listener = null;
        _bed.Run(other, () =>
        {
            listener = other.Listen(new IPEndPoint(IPAddress.Loopback, 0), Settings);
            return Task.CompletedTask;
        });
        _bed.Run(loop, () => scenario(loop, listener!));
        Assert.That(loop.Post(_ => { }, null), Is.False, "the loop has ended");
    }

    protected static async Task<(TransportConnection Near, TransportConnection Far)> OpenPairAsync(EventLoop loop)
    {
        TransportListener listener = loop.Listen(new IPEndPoint(IPAddress.Loopback, 0), Settings);
        ValueTask<TransportConnection?> accepting = listener.AcceptAsync();
        ConnectResult connected = await loop.ConnectAsync(listener.Address, default, TimerWheel.Never);
        TransportConnection? accepted = await accepting;
        listener.Close();
        return (connected.Connection!, accepted!);
    }

    protected TcpKeepAlive KeepAliveOf(TransportConnection connection) => _bed.KeepAliveOf(connection);

    /// <summary>Starts one read, to be awaited later or never.</summary>
    protected static Task<ReadResult> StartRead(TransportConnection connection) =>
        connection.Input.ReadAsync().AsTask();

    /// <summary>Reads until so many bytes or the end have come.</summary>
    protected static async Task<byte[]> ReadAsync(TransportConnection connection, int bytes = int.MaxValue)
    {
        var all = new MemoryStream();
        while (all.Length < bytes)
        {
            ReadResult read = await connection.Input.ReadAsync();
            foreach (ReadOnlyMemory<byte> part in read.Buffer)
            {
                all.Write(part.Span);
            }

            connection.Input.AdvanceTo(read.Buffer.End);
            if (read.IsCompleted)
            {
                break;
            }
        }

        return all.ToArray();
    }

    /// <summary>Writes until a write has to wait.</summary>
    /// <returns>That write, and how many bytes were written with it.</returns>
    protected static (Task<FlushResult> Write, long Bytes) Fill(TransportConnection connection)
    {
        byte[] chunk = new byte[64 * 1024];
        long bytes = 0;
        while (true)
        {
            Task<FlushResult> write = connection.Output.WriteAsync(chunk).AsTask();
            bytes += chunk.Length;
            if (!write.IsCompleted)
            {
                return (write, bytes);
            }
        }
    }

    protected static byte[] Pattern(int bytes)
    {
        byte[] pattern = new byte[bytes];
        new Random(bytes).NextBytes(pattern);
        return pattern;
    }
}
