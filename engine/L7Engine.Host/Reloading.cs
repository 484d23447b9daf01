using L7Engine.Host.Commands;
using L7Engine.Host.Configuration;
using Microsoft.Extensions.Logging;

namespace L7Engine.Host;

/// <summary>Reads the configuration again when told to, and applies it; what is wrong with it is printed.</summary>
internal sealed class Reloading(LoadBalancer balancer, RunArguments arguments, ILogger log, TextWriter errors)
{
    /// <summary>Carries out orders until there are no more. Never throws for what is in the file.</summary>
    public async Task RunAsync(ReloadSignal signal)
    {
        await foreach (bool _ in signal.Orders)
        {
            if (arguments.ConfigPath is not { } path)
            {
                HostLog.NothingToRead(log);
                continue;
            }

            HostLog.Reading(log, path);
            IReadOnlyList<string> problems = await ApplyAsync();
            if (problems.Count > 0)
            {
                CommandLine.PrintProblems(errors, problems);
                HostLog.NothingChanged(log, problems.Count);
            }
        }
    }

    private async Task<IReadOnlyList<string>> ApplyAsync()
    {
        LoadBalancerOptions? options = RunConfiguration.Of(
            arguments, out IReadOnlyList<string> problems, out ConfigPlaces? places);
        if (options is null)
        {
            return problems;
        }

        try
        {
            await balancer.ApplyAsync(options);
            return [];
        }
        catch (ConfigurationException wrong) when (places is not null)
        {
            return places.LinesOf(wrong.Errors);
        }
        catch (Exception refused) when (refused is ListenException or InvalidOperationException)
        {
            // It drains already, or an address is taken.
            return [$"l7engine: {refused.Message}"];
        }
    }
}
