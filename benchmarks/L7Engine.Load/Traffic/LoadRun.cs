namespace L7Engine.Load.Traffic;

/// <summary>Carries out a plan.</summary>
public static class LoadRun
{
    /// <summary>Sends what is planned, on threads of its own.</summary>
    /// <returns>Done when the time is over and what was under way has ended.</returns>
    public static Task<LoadResult> RunAsync(LoadPlan plan)
    {
        ArgumentNullException.ThrowIfNull(plan);
        return Task.Factory.StartNew(() => Run(plan), TaskCreationOptions.LongRunning);
    }

    private static LoadResult Run(LoadPlan plan)
    {
        LoadLoop[] loops = [.. Enumerable.Range(0, plan.Threads).Select(number => new LoadLoop(plan, number))];
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

        return new LoadResult([.. loops.Select(loop => loop.Tally)], plan.Duration);
    }
}
