using System.Net;
using System.Net.Sockets;

namespace L7Engine.EndToEnd.Tests.Support;

/// <summary>Asks again and again on one connection, until a response says close; then it goes on with another.</summary>
/// <remarks>What it has sent is answered, or counted with where it was lost.</remarks>
internal sealed class PoliteClient(Func<IPEndPoint> address, int seed)
{
    private const string Request = "GET / HTTP/1.1\r\nHost: x\r\n\r\n";

    private readonly Random _random = new(seed);

    /// <summary>Connections that the kernel gave it.</summary>
    public int Connected { get; private set; }

    public int Answered { get; private set; }

    /// <summary>Responses that said close.</summary>
    public int ToldToClose { get; private set; }

    /// <summary>Its first request on a connection got no answer: whether it was ever accepted the engine knows.</summary>
    public int LostFirst { get; private set; }

    /// <summary>A later one got none.</summary>
    public int LostLater { get; private set; }

    public async Task RunAsync(CancellationToken until)
    {
        while (!until.IsCancellationRequested)
        {
            try
            {
                using WireStream stream = await WireStream.ConnectAsync(address());
                Connected++;
                await AskAllAsync(stream, until);
            }
            catch (SocketException refused) when (refused.SocketErrorCode == SocketError.ConnectionRefused)
            {
                // It asked for an address that has just been closed.
            }
        }
    }

    private async Task AskAllAsync(WireStream stream, CancellationToken until)
    {
        for (int asked = 0; !until.IsCancellationRequested; asked++)
        {
            bool? staysOpen = await AskAsync(stream);
            if (staysOpen is null)
            {
                LostFirst += asked == 0 ? 1 : 0;
                LostLater += asked == 0 ? 0 : 1;
            }

            if (staysOpen != true)
            {
                return;
            }

            await Task.Delay(_random.Next(20), CancellationToken.None);
        }
    }

    private async Task<bool?> AskAsync(WireStream stream)
    {
        try
        {
            await stream.SendAsync(Request);
            if (await stream.ReadHeadAsync() is not { } head)
            {
                return null;
            }

            await stream.ReadExactlyAsync((int)head.Length!.Value);
            Answered++;
            bool closes = head["Connection"] == "close";
            ToldToClose += closes ? 1 : 0;
            return head.Status == 200 ? !closes : throw new InvalidOperationException($"Answered with {head}");
        }
        catch (Exception lost) when (lost is SocketException or IOException)
        {
            return null;
        }
    }
}
