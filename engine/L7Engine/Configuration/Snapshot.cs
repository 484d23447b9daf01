using System.Net;
using L7Engine.Backends;
using L7Engine.Backends.Health;
using L7Engine.Backends.Names;
using L7Engine.Diagnostics;
using L7Engine.Http;
using L7Engine.Routing;

namespace L7Engine.Configuration;

/// <summary>One configuration, compiled: all that an exchange looks up, in the form in which it needs it.</summary>
/// <remarks>Immutable: any thread may read it.</remarks>
internal sealed class Snapshot
{
    private int _backendsEver;

    public Snapshot(LoadBalancerOptions options, ViaToken viaToken)
        : this(options, viaToken, before: null, keepsListeners: false)
    {
    }

    private Snapshot(LoadBalancerOptions options, ViaToken viaToken, Snapshot? before, bool keepsListeners)
    {
        Options = options;
        Limits = options.Limits;
        Ticks = new TimeoutTicks(options.Timeouts);
        ViaToken = viaToken;
        Listeners = keepsListeners
            ? before!.Listeners
            : [.. options.Listeners.Select(listener => new ListenerPlan(listener, options.Timeouts, viaToken))];

        _backendsEver = before?._backendsEver ?? 0;
        int index = 0;
        Groups = [.. options.Groups.Select(group => GroupPlan.Of(
            group,
            [.. group.Backends.Select(backend => BackendOf(before, index++, group, backend))],
            Array.Find(before?.Groups ?? [], g => g.Options.Name == group.Name)?.State))];
        Backends = [.. Groups.SelectMany(group => group.Backends)];

        RouteOptions =
            options.Routes.Count > 0 ? options.Routes : [new RouteOptions { Group = options.Groups[0].Name }];
        Routes = [.. RouteOptions.Select(route => RoutePlan.Of(route, GroupIndex(options, route.Group), options))];
        RouteTable = new RouteTable(
            [.. RouteOptions.Select((route, i) => new RouteEntry(route.Host, route.Path, Routes[i].Group))]);

        RequestLimits = new HeadLimits(
            Limits.MaxRequestHeadBytes,
            Limits.MaxRequestFields,
            Limits.MaxRequestLineBytes,
            Limits.MaxConnectionOptions);
        ResponseLimits = new HeadLimits(
            Limits.MaxResponseHeadBytes,
            Limits.MaxResponseFields,
            Limits.MaxResponseHeadBytes,
            Limits.MaxConnectionOptions);
    }

    public LoadBalancerOptions Options { get; }

    public Limits Limits { get; }

    public TimeoutTicks Ticks { get; }

    /// <summary>Marks our Via elements, so that a request that comes round again is known.</summary>
    public ViaToken ViaToken { get; }

    public ListenerPlan[] Listeners { get; }

    public GroupPlan[] Groups { get; }

    /// <summary>All backends of all groups, by their index.</summary>
    public Backend[] Backends { get; }

    /// <summary>The groups as their health is watched over.</summary>
    public WatchedGroup[] WatchedGroups =>
        [.. Groups.Select(g => new WatchedGroup(g.State, new HealthSettings(g.Options), g.Backends))];

    public RoutePlan[] Routes { get; }

    /// <summary>What the routes were made of, in the same order.</summary>
    public IReadOnlyList<RouteOptions> RouteOptions { get; }

    public RouteTable RouteTable { get; }

    public HeadLimits RequestLimits { get; }

    public HeadLimits ResponseLimits { get; }

    /// <summary>The configuration that takes the place of this one: a backend that stays is known by its number.
    /// </summary>
    public Snapshot Next(LoadBalancerOptions options) => new(options, ViaToken, before: this, keepsListeners: false);

    /// <summary>The same configuration, in which names have other addresses.</summary>
    /// <returns>This one, when they have not.</returns>
    public Snapshot WithAddresses(LoadBalancerOptions resolved)
    {
        IEnumerable<(EndPoint, string?)> addresses =
            resolved.Groups.SelectMany(group => group.Backends.Select(b => (b.Address, b.Name?.ToLowerInvariant())));
        bool isSame = Backends.Select(b => ((EndPoint)b.Address, b.Name?.Host)).SequenceEqual(addresses)
            && Groups.Select(g => g.Backends.Length).SequenceEqual(resolved.Groups.Select(g => g.Backends.Count));
        return isSame ? this : new Snapshot(resolved, ViaToken, before: this, keepsListeners: true);
    }

    /// <summary>Gives the places at these backends to those who wait for one, once all loops have this configuration.
    /// </summary>
    public void OfferPlaces()
    {
        foreach (GroupPlan group in Groups)
        {
            group.State.Places.Apply(group.Backends);
        }
    }

    /// <summary>Forgets what was learned of the backends of a name whose addresses have changed: who moves a service
    /// often changes it, too.</summary>
    public void ForgetWhatNamesMoved(Snapshot before)
    {
        ILookup<NameKey?, IPEndPoint> were = before.Backends.ToLookup(b => b.Name, b => b.Address);
        foreach (IGrouping<NameKey?, Backend> name in Backends.Where(b => b.Name is not null).GroupBy(b => b.Name))
        {
            if (!name.Select(b => b.Address).ToHashSet().SetEquals(were[name.Key]))
            {
                Array.ForEach([.. name], backend => backend.State.IdleDeadline.Forget());
            }
        }
    }

    /// <summary>How many backends stayed, came and went since another configuration.</summary>
    public (int Kept, int Added, int Removed) BackendsSince(Snapshot before)
    {
        int kept = Backends.Count(b => Array.Exists(before.Backends, old => old.Number == b.Number));
        return (kept, Backends.Length - kept, before.Backends.Length - kept);
    }

    /// <returns>The place of the route for the same requests, or -1.</returns>
    public int IndexOfRoute(RouteOptions route) => Array.FindIndex(
        [.. RouteOptions], r => r.Path == route.Path && HttpText.HostKey(r.Host) == HttpText.HostKey(route.Host));

    // One that stays, by group and address, keeps its number and what the loops share of it.
    private Backend BackendOf(Snapshot? before, int index, BackendGroupOptions group, BackendOptions backend)
    {
        Backend? known = Array.Find(
            before?.Backends ?? [], k => k.GroupName == group.Name && k.Address.Equals(backend.Address));
        return new Backend(
            index, known?.Number ?? _backendsEver++, group, backend, Options.Timeouts,
            known?.State ?? new BackendState());
    }

    private static int GroupIndex(LoadBalancerOptions options, string name)
    {
        for (int i = 0; i < options.Groups.Count; i++)
        {
            if (options.Groups[i].Name == name)
            {
                return i;
            }
        }

        throw new ArgumentException($"There is no group named {name}; validation finds that first.", nameof(name));
    }
}
