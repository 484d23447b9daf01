namespace L7Engine.EndToEnd.Tests.Support;

/// <summary>What a process writes, line by line, for those who wait for a line.</summary>
/// <remarks>Thread-safe: lines come on threads of the platform.</remarks>
internal sealed class OutputLines
{
    private readonly Lock _gate = new();
    private readonly List<string> _lines = [];
    private readonly List<(Predicate<string> IsWanted, TaskCompletionSource<string> Found)> _waiting = [];
    private bool _hasEnded;

    public IReadOnlyList<string> All
    {
        get
        {
            lock (_gate)
            {
                return [.. _lines];
            }
        }
    }

    public override string ToString() => string.Join('\n', All);

    /// <summary>Waits for the first line with this text; one that came before counts, too.</summary>
    public Task<string> ContainingAsync(string text) => Patience.ForAsync(
        First(line => line.Contains(text, StringComparison.Ordinal)), $"a line with \"{text}\" after:\n{this}");

    /// <summary>Takes a line, or the end.</summary>
    public void Add(string? line)
    {
        lock (_gate)
        {
            _hasEnded |= line is null;
            _lines.AddRange(line is null ? [] : [line]);
            _waiting.RemoveAll(w => TrySettle(w.IsWanted, w.Found, line));
        }
    }

    private Task<string> First(Predicate<string> isWanted)
    {
        var found = new TaskCompletionSource<string>(TaskCreationOptions.RunContinuationsAsynchronously);
        lock (_gate)
        {
            string? line = _lines.Find(isWanted);
            if ((line is null && !_hasEnded) || !TrySettle(isWanted, found, line))
            {
                _waiting.Add((isWanted, found));
            }
        }

        return found.Task;
    }

    private bool TrySettle(Predicate<string> isWanted, TaskCompletionSource<string> found, string? line) => line is null
        ? found.TrySetException(new EndOfStreamException($"The output ended without the line:\n{this}"))
        : isWanted(line) && found.TrySetResult(line);
}
