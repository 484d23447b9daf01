using System.Net;
using L7Engine.Backends;
using L7Engine.Backends.Health;

namespace L7Engine.Tests.Backends.Health;

/// <summary>The health of one group in the hands of a test, with a clock that the test moves.</summary>
internal sealed class HealthBed
{
    private HealthSettings _settings;

    public HealthBed(int backends, Func<BackendGroupOptions, BackendGroupOptions>? configure = null, params int[] weights)
    {
        Options = (configure ?? (o => o))(new BackendGroupOptions());
        _settings = new HealthSettings(Options);
        Backends = [.. Enumerable.Range(0, backends).Select(i => New(i, i < weights.Length ? weights[i] : 1))];
        Group.Changed = Changes.Add;
        Group.Apply(_settings, Backends, Now);
    }

    public BackendGroupOptions Options { get; }

    public GroupHealth Group { get; } = new();

    public Backend[] Backends { get; private set; }

    public List<HealthChange> Changes { get; } = [];

    public long Now { get; private set; }

    /// <summary>A plus for each that gets requests, a minus for each that does not.</summary>
    public string Takes => string.Concat(Backends.Select(b => b.TakesRequests ? '+' : '-'));

    public BackendHealth[] Healths => [.. Backends.Select(b => b.State.Health.Health)];

    public BackendHealthState this[int backend] => Backends[backend].State.Health;

    public void Apply(Func<BackendGroupOptions, BackendGroupOptions> configure, int backends)
    {
        _settings = new HealthSettings(configure(new BackendGroupOptions()));
        Backends = [.. Backends.Take(backends), .. Enumerable.Range(Backends.Length, Math.Max(0, backends - Backends.Length)).Select(i => New(i, 1))];
        Group.Apply(_settings, Backends, Now);
    }

    /// <summary>Moves the clock as the watch does: a tick at a time.</summary>
    public void Run(TimeSpan duration)
    {
        for (long end = Now + (long)duration.TotalMilliseconds; Now < end;)
        {
            Now += 100;
            Group.Advance(Now);
        }
    }

    public void Fail(int backend, int times = 1)
    {
        for (int i = 0; i < times; i++)
        {
            this[backend].ReportFailure(RequestFailure.Closed, isTrial: false, Now);
        }
    }

    public void Check(int backend, params bool[] passed)
    {
        foreach (bool hasPassed in passed)
        {
            Group.TakeCheck(this[backend], hasPassed, Now);
        }
    }

    private Backend New(int index, int weight)
    {
        var options = new BackendOptions { Address = new IPEndPoint(IPAddress.Loopback, 9_000 + index), Weight = weight };
        return new Backend(index, index, Options, options, new Timeouts(), new BackendState());
    }
}
