using System.Net;
using L7Engine.EndToEnd.Tests.Library;
using L7Engine.EndToEnd.Tests.Support;
using NUnit.Framework;

namespace L7Engine.EndToEnd.Tests.Backends;

/// <summary>An engine under a steady load, and three nginx behind it, one of which a test lets fail.</summary>
internal sealed class FailingBed : IAsyncDisposable
{
    private const int Clients = 32;
    private const int SlowMilliseconds = 300;

    // What anybody opens while one of them is down gets its port at another address.
    private static readonly IPEndPoint FreePort = new(IPAddress.Parse("127.0.6.1"), 0);

    private readonly List<NginxProcess> _nginx = [];
    private readonly List<Func<IReadOnlyCollection<string>>> _executed = [];
    private LoadBalancer? _balancer;
    private SteadyLoad? _load;
    private TimeSpan _failedAt;

    /// <summary>How long a request waits for one that hangs. Nothing else takes so long, however busy the machine.</summary>
    public static TimeSpan ResponseTimeout { get; } = TimeSpan.FromSeconds(3);

    public NginxProcess Victim => _nginx[0];

    public SteadyLoad Load => _load!;

    public LoadBalancerStatus Status => _balancer!.GetStatus();

    /// <param name="further">A backend besides the three.</param>
    public static async Task<FailingBed> StartAsync(
        Func<BackendGroupOptions, BackendGroupOptions>? configure = null, RouteOptions? route = null,
        TurningBackend? further = null)
    {
        var bed = new FailingBed();
        try
        {
            for (int i = 0; i < 3; i++)
            {
                await bed.AddNginxAsync(FreePort);
            }

            await bed.ServeAsync(configure ?? (group => group), route ?? new RouteOptions(), further);
            return bed;
        }
        catch
        {
            await bed.DisposeAsync();
            throw;
        }
    }

    /// <summary>Starts another nginx in the place of the one that has ended.</summary>
    public async Task<NginxProcess> ReplaceVictimAsync() => await AddNginxAsync(Victim.Address);

    public BackendStatus StatusOf(IPEndPoint address) => Status.Backends.Single(b => b.Address.Equals(address));

    /// <summary>Lets something fail in the middle of the load.</summary>
    public async Task FailAsync(Action fail)
    {
        await Load.AnsweredAsync(500);
        _failedAt = Load.Now;
        fail();
    }

    /// <summary>Since something failed.</summary>
    public TimeSpan SinceFailure => Load.Now - _failedAt;

    /// <summary>Ends the load and tells what it met.</summary>
    /// <returns>The requests that were not answered as they should be.</returns>
    public async Task<SentRequest[]> EndAsync()
    {
        await Load.StopAsync();
        IReadOnlyList<SentRequest> sent = Load.Sent;
        SentRequest[] failed = [.. sent.Where(request => !request.IsRight)];
        IEnumerable<SentRequest> late = sent.Where(
            request => request.Ended > _failedAt && (request.Ended - request.Began).TotalMilliseconds > SlowMilliseconds);
        TimeSpan recovered = failed.Concat(late).Select(r => r.Ended).Append(_failedAt).Max() - _failedAt;
        TestContext.Out.WriteLine(FormattableString.Invariant(
            $"{sent.Count} requests, {failed.Count(r => r.IsRepeatable)} GET and {failed.Count(r => !r.IsRepeatable)} ") +
            FormattableString.Invariant(
                $"POST failed ({string.Join(", ", failed.CountBy(r => r.Status).Select(s => $"{s.Value} x {s.Key}"))}); ") +
            FormattableString.Invariant(
                $"the last that failed or took over {SlowMilliseconds} ms was over {recovered.TotalMilliseconds:F0} ms after"));
        return failed;
    }

    /// <summary>POSTs that backends have executed more than once.</summary>
    public string[] ExecutedTwice() =>
    [
        .. _executed.SelectMany(executed => executed()).Where(line => line.StartsWith("POST", StringComparison.Ordinal))
            .CountBy(line => line).Where(line => line.Value > 1).Select(line => line.Key),
    ];

    public async ValueTask DisposeAsync()
    {
        await (_load?.DisposeAsync() ?? default);
        await (_balancer?.DisposeAsync() ?? default);
        foreach (NginxProcess nginx in _nginx)
        {
            await nginx.DisposeAsync();
        }
    }

    private async Task<NginxProcess> AddNginxAsync(IPEndPoint at)
    {
        NginxProcess nginx = await NginxProcess.StartAsync(at);
        _nginx.Add(nginx);
        _executed.Add(() => nginx.Executed);
        return nginx;
    }

    private async Task ServeAsync(
        Func<BackendGroupOptions, BackendGroupOptions> configure, RouteOptions route, TurningBackend? further)
    {
        IEnumerable<IPEndPoint> addresses = _nginx.Select(nginx => nginx.Address);
        if (further is not null)
        {
            addresses = addresses.Append(further.Address);
            _executed.Add(() => further.Executed);
        }

        var group = new BackendGroupOptions
        {
            Backends = [.. addresses.Select(address => new BackendOptions { Address = address })],
        };
        _balancer = new LoadBalancer(Engines.Options(Victim.Address) with
        {
            Groups = [configure(group)],
            Routes = [route],
            Timeouts = new Timeouts { BackendResponse = ResponseTimeout },
        });
        await _balancer.StartAsync();
        _load = new SteadyLoad(_balancer.LocalEndPoints[0], Clients);
    }
}
