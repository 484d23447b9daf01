using L7Engine.Backends.Reuse;

namespace L7Engine.Tests.Backends.Reuse;

/// <summary>The deadline of a backend, found anew from everything that ever happened each time it is asked for.</summary>
internal sealed class PlainIdleEvidence
{
    private readonly List<IdleClose> _closes = [];
    private readonly List<(long At, long Age)> _uses = [];

    public void AddClose(IdleClose close) => _closes.Add(close);

    public void AddUse(long at, long age) => _uses.Add((at, age));

    public long LearnedAt(long now)
    {
        IdleClose[] judged = [.. _closes.Where(c => c.AtMilliseconds <= now - 1_200).OrderBy(c => c.AtMilliseconds).Where(c => !IsOfRestart(c))];
        var counted = judged.Where((c, i) => c.IdleMilliseconds >= 100 && !IsOfLimit(judged, i)).TakeLast(32);
        long[] ages = [.. counted.Where(c => !_uses.Exists(u => u.At > c.AtMilliseconds && u.Age >= c.IdleMilliseconds)).Select(c => c.IdleMilliseconds)];
        long oldestUsed = _uses.Where(u => (now / 60_000) - (u.At / 60_000) <= 10).Select(u => u.Age).DefaultIfEmpty().Max();

        return ages.Order().FirstOrDefault(c =>
            ages.Count(a => a >= c && a <= c + (c / 20) + 100) >= (c > oldestUsed ? 3 : 8));
    }

    private bool IsOfRestart(IdleClose close)
    {
        long[] together = [.. _closes.Where(c => Math.Abs(c.AtMilliseconds - close.AtMilliseconds) <= 100).Select(c => c.IdleMilliseconds)];
        return together.Length >= 3 && together.Max() > together.Min() + (together.Min() / 5);
    }

    private static bool IsOfLimit(IdleClose[] closes, int at)
    {
        if (at < 2 || closes[(at - 2)..at].Any(c => c.RequestCount != closes[at].RequestCount))
        {
            return false;
        }

        long[] ages = [.. closes[(at - 2)..(at + 1)].Select(c => c.IdleMilliseconds)];
        return closes[at].WasTaken || ages.Max() > ages.Min() + (ages.Min() / 20) + 100;
    }
}
