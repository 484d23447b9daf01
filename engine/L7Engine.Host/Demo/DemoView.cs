using Spectre.Console;

namespace L7Engine.Host.Demo;

/// <summary>Shows a demo while it runs: a live table on a terminal, a line a second elsewhere.</summary>
internal sealed class DemoView(DemoTraffic traffic, LoadBalancer balancer, TextWriter output, TimeProvider time)
{
    /// <summary>Shows it until the traffic is done.</summary>
    public Task ShowAsync(Task running) =>
        // The live display of the library would print the table twice into a file, and no progress.
        Console.IsOutputRedirected ? ShowLinesAsync(running) : ShowTableAsync(running);

    private async Task ShowLinesAsync(Task running)
    {
        using var seconds = new PeriodicTimer(TimeSpan.FromSeconds(1), time);
        while (await NextAsync(seconds, running))
        {
            output.WriteLine(DemoReport.Line(traffic, balancer.GetStatus()));
            output.Flush();
        }
    }

    private Task ShowTableAsync(Task running) =>
        AnsiConsole.Live(TableNow()).AutoClear(true).StartAsync(async live =>
        {
            using var frames = new PeriodicTimer(TimeSpan.FromMilliseconds(250), time);
            while (await NextAsync(frames, running))
            {
                live.UpdateTarget(TableNow());
            }
        });

    private Table TableNow()
    {
        Table table = new Table().HideHeaders().RoundedBorder().AddColumns("label", "value");
        foreach ((string label, string value) in DemoReport.Rows(traffic, balancer.GetStatus()))
        {
            table.AddRow(Markup.Escape(label), Markup.Escape(value));
        }

        return table;
    }

    private static async Task<bool> NextAsync(PeriodicTimer timer, Task running) =>
        await Task.WhenAny(timer.WaitForNextTickAsync().AsTask(), running) != running;
}
