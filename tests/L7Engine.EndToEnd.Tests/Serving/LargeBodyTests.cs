using System.Globalization;
using L7Engine.EndToEnd.Tests.Support;
using NUnit.Framework;

namespace L7Engine.EndToEnd.Tests.Serving;

/// <summary>Bodies far larger than the memory that the engine may use.</summary>
[TestFixture]
internal sealed class LargeBodyTests
{
    private const long Blocks = 4_096;
    private const long BodyBytes = Blocks * BytesOf.BlockBytes;
    private const long MaxResidentKiB = 64 * 1_024;

    [Test]
    public async Task A_gibibyte_each_way_arrives_as_it_was_sent_and_is_held_nowhere()
    {
        string expected = Convert.ToHexString(BytesOf.HashOfBlocks(Blocks));
        await using var backend = new ScriptedBackend(ServeAsync);
        await using HostProcess host = await HostProcess.ServeAsync(backend.Address);
        using WireStream client = await WireStream.ConnectAsync(host.Address);

        string download = await DownloadAsync(client);
        string upload = await UploadAsync(client);

        Assert.That(download, Is.EqualTo(expected));
        Assert.That(upload, Is.EqualTo(expected));
        Assert.That(backend.Failures, Is.Empty);
        CheckMemory(ProcessFigures.PeakResidentKiB(host.Id));
    }

    private static async Task<string> DownloadAsync(WireStream client)
    {
        await client.SendAsync("GET / HTTP/1.1\r\nHost: x\r\n\r\n");
        WireHead? head = await client.ReadHeadAsync();
        Assert.That(head!.Length, Is.EqualTo(BodyBytes));
        return Convert.ToHexString(await BytesOf.HashOfAsync(client, BodyBytes));
    }

    private static async Task<string> UploadAsync(WireStream client)
    {
        await client.SendAsync(string.Create(
            CultureInfo.InvariantCulture, $"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: {BodyBytes}\r\n\r\n"));
        await BytesOf.SendBlocksAsync(client, Blocks);
        WireHead? head = await client.ReadHeadAsync();
        return System.Text.Encoding.ASCII.GetString(await client.ReadBodyAsync(head!));
    }

    // Sends the blocks to whoever asks for them, and tells the hash of what it was sent.
    private static async Task ServeAsync(WireStream stream)
    {
        while (await stream.ReadHeadAsync() is { } request)
        {
            if (request.Length is { } length)
            {
                string hash = Convert.ToHexString(await BytesOf.HashOfAsync(stream, length));
                await stream.SendAsync($"HTTP/1.1 200 OK\r\nContent-Length: 64\r\n\r\n{hash}");
            }
            else
            {
                await stream.SendAsync($"HTTP/1.1 200 OK\r\nContent-Length: {BodyBytes}\r\n\r\n");
                await BytesOf.SendBlocksAsync(stream, Blocks);
            }
        }
    }

    // The runtime that compiles while it runs needs memory of its own: for it the figure is only told.
    private static void CheckMemory(long peakKiB)
    {
        TestContext.Out.WriteLine($"1 GiB each way, peak resident: {peakKiB:N0} KiB, native: {HostCommand.IsNative}");
        if (HostCommand.IsNative)
        {
            Assert.That(peakKiB, Is.LessThan(MaxResidentKiB));
        }
    }
}
