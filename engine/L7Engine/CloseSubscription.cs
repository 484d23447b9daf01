using System.Diagnostics.CodeAnalysis;

namespace L7Engine;

/// <summary>The closes from the moment of subscribing on, in the order of each loop. Dispose it to end it.</summary>
/// <remarks>
/// For one reader at a time, on any thread. What it has not read waits, up to its capacity; past that it loses the
/// closes that come, and <see cref="Lost"/> says how many. The engine never waits for it. It goes on through a drain,
/// and ends, once what waits was read, when the engine is disposed.
/// </remarks>
public abstract class CloseSubscription : IAsyncEnumerable<CloseRecord>, IDisposable
{
    private protected CloseSubscription()
    {
    }

    /// <summary>Closes that it was not told of because it was read too slowly.</summary>
    public abstract long Lost { get; }

    /// <summary>Takes the next close, if one waits.</summary>
    public abstract bool TryRead([NotNullWhen(true)] out CloseRecord? close);

    /// <summary>Takes one close after the other as they come.</summary>
    /// <returns>It ends when the engine or the subscription is disposed.</returns>
    public abstract IAsyncEnumerator<CloseRecord> GetAsyncEnumerator(CancellationToken cancellationToken = default);

    /// <summary>Ends it. What waits can still be read.</summary>
    public abstract void Dispose();
}
