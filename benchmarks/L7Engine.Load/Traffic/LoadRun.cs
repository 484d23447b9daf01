namespace L7Engine.Load.Traffic;

/// <summary>Carries out a plan.</summary>
public static class LoadRun
{
    /// <summary>Sends what is planned, on threads of its own.</summary>
    /// <param name="stop">Ends it before its time, with what was counted until then.</param>
    /// <returns>Done when the time is over and what was under way has ended.</returns>
    /// <exception cref="ArgumentException">The plan cannot be carried out.</exception>
    public static Task<LoadResult> RunAsync(LoadPlan plan, CancellationToken stop = default)
    {
        ArgumentNullException.ThrowIfNull(plan);
        plan.Check();
        return Task.Factory.StartNew(
            () => Run(plan, stop), CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);
    }

    private static LoadResult Run(LoadPlan plan, CancellationToken stop)
    {
        LoadLoop[] loops = [.. Enumerable.Range(0, plan.Threads).Select(number => new LoadLoop(plan, number, stop))];
        Thread[] threads = [.. loops.Skip(1).Select(loop => new Thread(loop.Run) { IsBackground = true })];
        foreach (Thread thread in threads)
        {
            thread.Start();
        }

        loops[0].Run();
        foreach (Thread thread in threads)
        {
            thread.Join();
        }

        return new LoadResult([.. loops.Select(loop => loop.Tally)]);
    }
}
