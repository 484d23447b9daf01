using System.Globalization;
using L7Engine.EndToEnd.Tests.Support;
using NUnit.Framework;

namespace L7Engine.EndToEnd.Tests.Serving;

/// <summary>Many exchanges at once, each with bytes of its own: none ever sees another's.</summary>
[TestFixture]
internal sealed class InterleavingTests
{
    private const int Clients = 72;
    private const int RequestsPerClient = 50;
    private const int Backends = 3;

    // The ids of the response's bytes: far from those of the requests.
    private const int ResponseOffset = 1_000_000_000;

    [Test]
    public async Task No_exchange_sees_the_bytes_of_another([Random(1, Distinct = true)] int seed)
    {
        ScriptedBackend[] backends = [.. Enumerable.Range(0, Backends).Select(_ => new ScriptedBackend(ServeAsync))];
        try
        {
            IEnumerable<string> flags = backends.SelectMany(b => new[] { "--backend", $"{b.Address}" });
            await using HostProcess host = await HostProcess.ServeAsync(
                ["--verbose", "--listen", "127.0.0.1:0", .. flags]);
            Task clients = Task.WhenAll(
                Enumerable.Range(0, Clients).Select(n => new Client(host, n, new Random(seed + n)).RunAsync()));
            await Task.WhenAny(clients, Patience.ForAsync(clients, $"the end of all clients, seed {seed}"));

            // What a backend has seen is the cause; what clients say may be no more than its effect.
            Assert.That(backends.SelectMany(b => b.Failures), Is.Empty, $"seed {seed}");
            await clients;
            Assert.That(backends.Min(b => b.Accepted), Is.Positive);
        }
        finally
        {
            foreach (ScriptedBackend backend in backends)
            {
                await backend.DisposeAsync();
            }
        }
    }

    // The request says what it wants; chance, decided by its id, says in how many pieces it gets it.
    private static async Task ServeAsync(WireStream stream)
    {
        while (await stream.ReadHeadAsync() is { } head)
        {
            int id = head.Number("X-Id");
            byte[] body = await stream.ReadBodyAsync(head, isRequest: true);
            if (!body.AsSpan().SequenceEqual(BytesOf.Exchange(id, head.Number("X-Size"))))
            {
                throw new InvalidDataException($"Request {id} has the bytes of another.");
            }

            var random = new Random(id);
            string framing = head["X-Framing"]!;
            byte[] answer = BytesOf.Exchange(id + ResponseOffset, head.Number("X-Want"));
            string fields = framing == "close" ? "" : Fragments.FramingField(framing == "chunked", answer.Length);
            bool closes = framing == "close" || random.Next(20) == 0;
            string text = string.Create(CultureInfo.InvariantCulture,
                $"HTTP/1.1 200 OK\r\nX-Id: {id}\r\n{fields}{(closes ? "Connection: close\r\n" : "")}\r\n");
            await Fragments.SendAsync(
                stream, Fragments.Message(text, answer, framing == "chunked", random), random);
            if (closes)
            {
                return;
            }
        }
    }

    private sealed class Client(HostProcess host, int number, Random random)
    {
        private static readonly string[] Framings = ["length", "length", "chunked", "close"];

        private WireStream? _stream;

        public async Task RunAsync()
        {
            await Task.Yield();
            for (int i = 0; i < RequestsPerClient; i++)
            {
                _stream ??= await WireStream.ConnectAsync(host.Address);
                await AskAsync(_stream, (number * RequestsPerClient) + i);
            }

            _stream?.Dispose();
        }

        private async Task AskAsync(WireStream stream, int id)
        {
            (int size, int wanted) = (Fragments.Size(random), Fragments.Size(random));
            bool isChunked = random.Next(2) == 0;
            bool closes = random.Next(10) == 0;
            string head = string.Create(CultureInfo.InvariantCulture,
                $"POST /{id} HTTP/1.1\r\nHost: x\r\nX-Id: {id}\r\nX-Size: {size}\r\nX-Want: {wanted}\r\n")
                + $"X-Framing: {Framings[random.Next(Framings.Length)]}\r\n" + (closes ? "Connection: close\r\n" : "")
                + Fragments.FramingField(isChunked, size) + "\r\n";
            byte[] message = Fragments.Message(head, BytesOf.Exchange(id, size), isChunked, random);
            await Fragments.SendAsync(stream, message, random);

            WireHead response = await stream.ReadHeadAsync() ?? throw new EndOfStreamException($"No answer to {id}.");
            byte[] body = await stream.ReadBodyAsync(response);

            Assert.That(response.Status, Is.EqualTo(200), $"{id}: {response}{host.Errors}");
            Assert.That(response.Number("X-Id"), Is.EqualTo(id));
            Assert.That(body.AsSpan().SequenceEqual(BytesOf.Exchange(id + ResponseOffset, wanted)), $"bytes of {id}");
            if (closes || response["Connection"] == "close")
            {
                Assert.That(await stream.ReadToEndAsync(), Is.Empty);
                stream.Dispose();
                _stream = null;
            }
        }
    }
}
