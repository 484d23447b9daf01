using BenchmarkDotNet.Attributes;
using L7Engine.Http;

namespace L7Engine.Benchmarks.Http;

/// <summary>Question: what do parsing and rewriting a head cost, for a small message and for a browser's?</summary>
/// <remarks>Not measured: a head in several pieces, a cold cache, faults, routing.</remarks>
[MemoryDiagnoser(displayGenColumns: false)]
public class HeadBenchmarks
{
    private readonly byte[] _written = new byte[4096];
    private readonly RequestHead _minimal = new();
    private readonly RequestHead _browser = new();
    private readonly ResponseHead _response = new();

    [GlobalSetup]
    public void Setup()
    {
        ParseMinimalRequest();
        ParseBrowserRequest();
        ParseResponse();
    }

    [Benchmark]
    public int ParseMinimalRequest()
    {
        _minimal.Parse(Messages.MinimalRequest, HeadLimits.OfRequests);
        return _minimal.TotalBytes;
    }

    [Benchmark]
    public int ParseBrowserRequest()
    {
        _browser.Parse(Messages.BrowserRequest, HeadLimits.OfRequests);
        return _browser.TotalBytes;
    }

    [Benchmark]
    public int ParseResponse()
    {
        _response.Parse(Messages.Response, KnownMethod.Get, HeadLimits.OfResponses);
        return _response.TotalBytes;
    }

    [Benchmark]
    public int RewriteMinimalRequest() => Rewrite(_minimal, Messages.MinimalRequest);

    [Benchmark]
    public int RewriteBrowserRequest() => Rewrite(_browser, Messages.BrowserRequest);

    [Benchmark]
    public int RewriteResponse()
    {
        var rewrite = new ResponseRewrite
        {
            Date = "Sun, 06 Nov 1994 08:49:37 GMT"u8,
            SentFraming = _response.Framing,
            AnnounceKeepAlive = true,
        };
        return ResponseHeadWriter.Write(_response, Messages.Response, rewrite, _written);
    }

    private int Rewrite(RequestHead head, byte[] received)
    {
        var rewrite = new RequestRewrite
        {
            ClientAddress = "127.0.0.1"u8,
            Proto = "http"u8,
            Via = "l7engine (0123456789abcdef)"u8,
        };
        return RequestHeadWriter.Write(head, received, rewrite, _written);
    }
}
