using L7Engine.Backends;
using L7Engine.Diagnostics;
using L7Engine.Http;
using L7Engine.Routing;

namespace L7Engine.Configuration;

/// <summary>One configuration, compiled: all that an exchange looks up, in the form in which it needs it.</summary>
/// <remarks>Immutable: any thread may read it.</remarks>
internal sealed class Snapshot
{
    public Snapshot(LoadBalancerOptions options, ViaToken viaToken)
    {
        Options = options;
        Limits = options.Limits;
        Ticks = new TimeoutTicks(options.Timeouts);
        ViaToken = viaToken;
        Listeners = [.. options.Listeners.Select(listener => new ListenerPlan(listener, viaToken))];

        int index = 0;
        Groups = [.. options.Groups.Select(group =>
            new GroupPlan([.. group.Backends.Select(backend => new Backend(index++, group, backend))]))];
        Backends = [.. Groups.SelectMany(group => group.Backends)];

        IReadOnlyList<RouteOptions> routes =
            options.Routes.Count > 0 ? options.Routes : [new RouteOptions { Group = options.Groups[0].Name }];
        Routes = [.. routes.Select(route => new RoutePlan(GroupIndex(options, route.Group), route.RequestTrailers))];
        RouteTable = new RouteTable(
            [.. routes.Select((route, i) => new RouteEntry(route.Host, route.Path, Routes[i].Group))]);

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

    public RoutePlan[] Routes { get; }

    public RouteTable RouteTable { get; }

    public HeadLimits RequestLimits { get; }

    public HeadLimits ResponseLimits { get; }

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

/// <param name="Group">Place among the groups.</param>
internal sealed record RoutePlan(int Group, bool KeepsRequestTrailers);

internal sealed record GroupPlan(Backend[] Backends);
