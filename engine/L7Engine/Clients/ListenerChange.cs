using System.Net;
using L7Engine.Configuration;

namespace L7Engine.Clients;

/// <param name="Clients">Its clients, on all loops.</param>
/// <param name="Address">Where it listens: the real port, where port 0 was asked for.</param>
internal sealed record BoundListener(ListenerPlan Plan, ClientTable Clients, IPEndPoint Address);

/// <summary>What becomes of the listeners when another configuration takes the place of the one in force.</summary>
/// <remarks>
/// A listener is the same one while its address is: by name and address, and then by address alone, so that it can be
/// given another name. Port 0 is the same only by its name.
/// </remarks>
internal sealed class ListenerChange
{
    private readonly ListenerPlan[] _next;
    private readonly BoundListener?[] _before;

    public ListenerChange(BoundListener[] bound, ListenerPlan[] next)
    {
        _next = next;
        _before = new BoundListener?[next.Length];
        List<BoundListener> left = [.. bound];
        for (int i = 0; i < next.Length; i++)
        {
            _before[i] = TakeFirst(left, b => IsSame(b, next[i]) && b.Plan.Options.Name == next[i].Options.Name);
        }

        for (int i = 0; i < next.Length; i++)
        {
            _before[i] ??= TakeFirst(left, b => IsSame(b, next[i]) && next[i].Options.Address.Port != 0);
        }

        Removed = [.. left];
        Added = [.. next.Where((_, i) => _before[i] is null)];
    }

    /// <summary>To be opened, in the order of the configuration.</summary>
    public ListenerPlan[] Added { get; }

    /// <summary>To be closed.</summary>
    public BoundListener[] Removed { get; }

    public int KeptCount => _next.Length - Added.Length;

    /// <returns>What takes the place of a listener's plan; null for one that is removed.</returns>
    public ListenerPlan? After(ListenerPlan before)
    {
        int index = Array.FindIndex(_before, b => b?.Plan == before);
        return index < 0 ? null : _next[index];
    }

    /// <summary>Adds an error for everything that a listener that stays cannot change.</summary>
    public void Check(ConfigErrors errors)
    {
        for (int i = 0; i < _next.Length; i++)
        {
            if (_before[i] is { } before && before.Plan.Options.SharePort != _next[i].Options.SharePort)
            {
                errors.In("listeners", i).Add("sharePort", FixedSettings.Message(
                    _next[i].Options.SharePort ? "true" : "false", before.Plan.Options.SharePort ? "true" : "false"));
            }
        }
    }

    /// <param name="opened">Those that were added.</param>
    /// <returns>All listeners of the new configuration, in its order.</returns>
    public BoundListener[] Bind(BoundListener[] opened)
    {
        int added = 0;
        return [.. _next.Select((plan, i) => _before[i] is { } kept ? kept with { Plan = plan } : opened[added++])];
    }

    private static bool IsSame(BoundListener bound, ListenerPlan plan) =>
        bound.Plan.Options.Address.Equals(plan.Options.Address);

    private static BoundListener? TakeFirst(List<BoundListener> left, Predicate<BoundListener> matches)
    {
        BoundListener? found = left.Find(matches);
        if (found is not null)
        {
            left.Remove(found);
        }

        return found;
    }
}
