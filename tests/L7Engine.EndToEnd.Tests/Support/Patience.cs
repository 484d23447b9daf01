namespace L7Engine.EndToEnd.Tests.Support;

/// <summary>How long a test waits for an event. Only what hangs takes so long; nothing is timed by it.</summary>
/// <remarks>What takes a second where there is nothing else to do takes half a minute where thirty others want to run.
/// </remarks>
internal static class Patience
{
    public static readonly TimeSpan Cap = TimeSpan.FromMinutes(3);

    /// <summary>Waits for an event.</summary>
    /// <param name="what">Said when the event does not come.</param>
    public static async Task<T> ForAsync<T>(Task<T> happened, string what)
    {
        await ForAsync((Task)happened, what);
        return await happened;
    }

    /// <inheritdoc cref="ForAsync{T}"/>
    public static async Task ForAsync(Task happened, string what)
    {
        try
        {
            await happened.WaitAsync(Cap);
        }
        catch (TimeoutException)
        {
            throw new TimeoutException($"This did not happen within {Cap}: {what}");
        }
    }

    /// <summary>Waits for what the system tells nobody: it has to be looked at again and again.</summary>
    public static bool Until(Func<bool> isSo) => SpinWait.SpinUntil(isSo, Cap);
}
