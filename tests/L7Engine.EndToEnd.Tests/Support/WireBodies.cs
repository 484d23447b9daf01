using System.Globalization;

namespace L7Engine.EndToEnd.Tests.Support;

/// <summary>Reads bodies in whatever framing they come.</summary>
internal static class WireBodies
{
    extension(WireStream stream)
    {
        /// <summary>Reads the body that the head announces; without framing, the rest of the stream.</summary>
        /// <param name="isRequest">A request without framing has no body.</param>
        public async Task<byte[]> ReadBodyAsync(WireHead head, bool isRequest = false) => head switch
        {
            { IsChunked: true } => await stream.ReadChunksAsync(),
            { Length: { } length } => await stream.ReadExactlyAsync((int)length),
            _ => isRequest ? [] : await stream.ReadToEndAsync(),
        };

        private async Task<byte[]> ReadChunksAsync()
        {
            var body = new MemoryStream();
            while (SizeIn(await stream.ReadLineAsync()) is int size and > 0)
            {
                body.Write(await stream.ReadExactlyAsync(size));
                await stream.ReadLineAsync();
            }

            while ((await stream.ReadLineAsync()).Length > 0)
            {
            }

            return body.ToArray();
        }
    }

    private static int SizeIn(string chunkLine) =>
        int.Parse(chunkLine, NumberStyles.HexNumber, CultureInfo.InvariantCulture);
}
