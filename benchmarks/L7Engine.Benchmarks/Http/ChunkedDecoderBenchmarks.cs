using BenchmarkDotNet.Attributes;
using L7Engine.Http;

namespace L7Engine.Benchmarks.Http;

/// <summary>Question: what does finding, and what does joining, the data of a chunked body of 32 KiB cost?</summary>
/// <remarks>
/// Not measured: bodies that arrive in pieces, extensions, trailers. Joining includes a copy of the whole block,
/// because it changes the block that it works on.
/// </remarks>
[MemoryDiagnoser(displayGenColumns: false)]
public class ChunkedDecoderBenchmarks
{
    private const int BodyBytes = 32 * 1024;

    private byte[] _received = [];
    private byte[] _block = [];

    [Params(64, 1024, 16384)]
    public int ChunkBytes { get; set; }

    [GlobalSetup]
    public void Setup()
    {
        _received = Messages.Chunks(ChunkBytes, BodyBytes / ChunkBytes);
        _block = new byte[_received.Length];
    }

    [Benchmark(Baseline = true)]
    public void Copy() => _received.AsSpan().CopyTo(_block);

    [Benchmark]
    public long Find()
    {
        var decoder = new ChunkedDecoder(4096, 8192, 100);
        int at = 0;
        while (decoder.Step(_received.AsSpan(at), out int consumed, out _) == ChunkedStep.Data)
        {
            at += consumed;
        }

        return decoder.BodyBytes;
    }

    [Benchmark]
    public int CopyAndJoin()
    {
        Copy();
        var decoder = new ChunkedDecoder(4096, 8192, 100);
        ChunkedCompactor.Compact(ref decoder, _block, out _, out ByteRange data);
        return data.Length;
    }
}
