using System.CommandLine;
using System.Globalization;
using L7Engine.Host.Bench;
using L7Engine.Load.Bench.Running;

namespace L7Engine.Host.Commands;

/// <summary><c>l7engine bench</c>: keep-alive against close on this machine, with intervals.</summary>
internal static class BenchCommand
{
    private static readonly TimeSpan LeastBlock = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan LongestBlock = TimeSpan.FromMinutes(10);

    public static Command Create()
    {
        Option<bool> quick = CommandOptions.Flag("--quick", "8 blocks of 1 s per mode, under a minute (the default).");
        Option<bool> full = CommandOptions.Flag("--full", "30 blocks of 2 s per mode: ten minutes.");
        Option<bool> peers = CommandOptions.Flag("--peers", "Also HAProxy and nginx if installed; quick: two minutes.");
        Option<string> target = new("--target")
        {
            Description = "Measure this running server or proxy instead; http only.",
            HelpName = "URL",
        };
        Option<int?> connections = CommandOptions.Count("--connections", "Open client connections; default 64.");
        Option<int?> body = CommandOptions.Count("--body", "Size of the response body in bytes; default 100.");
        Option<int?> blocks = CommandOptions.Count("--blocks", "Blocks per mode, instead of 8 or 30.");
        Option<TimeSpan?> duration = CommandOptions.OptionalDuration(
            "--duration", "Length of a block, instead of 1 s or 2 s.", LeastBlock, LongestBlock);
        Option<int?> port = CommandOptions.Count("--first-port", "Listen on this port and the next ones.");
        Option<string> json = CommandOptions.File("--json", "Write all figures and all blocks as JSON.");
        Option<string> report = CommandOptions.File("--report", "Write the report as one HTML page with plots.");
        Command command = new("bench", "Measure what keep-alive is worth on both sides of the proxy, with intervals.")
        {
            quick, full, peers, target, connections, body, blocks, duration, port, json, report,
        };
        command.Validators.Add(result =>
        {
            if (result.GetValue(quick) && result.GetValue(full))
            {
                result.AddError("--quick and --full: give one of them");
            }

            if (result.GetValue(target) is not null && result.GetValue(peers))
            {
                result.AddError("--target and --peers: give one of them");
            }
        });
        command.SetAction((parsed, _) =>
        {
            BenchSettings mode = parsed.GetValue(full) ? BenchSettings.Full : BenchSettings.Quick;
            bool withPeers = parsed.GetValue(peers);
            var settings = mode with
            {
                Program = RoleCommand.Words,
                WithPeers = withPeers,
                Target = TargetOf(parsed.GetValue(target)),
                Connections = Range("--connections", parsed.GetValue(connections), mode.Connections, 1, 100_000),
                BodyBytes = Range("--body", parsed.GetValue(body), mode.BodyBytes, 0, 16 * 1024 * 1024),
                Blocks = Range("--blocks", parsed.GetValue(blocks), mode.Blocks, 1, 10_000),
                BlockTime = parsed.GetValue(duration) ?? mode.BlockTime,
                FirstPort = Range("--first-port", parsed.GetValue(port), 0, 0, 65_000),
                MaxTime = withPeers || parsed.GetValue(blocks) is not null || parsed.GetValue(duration) is not null
                    ? null
                    : mode.MaxTime,
            };
            InvocationConfiguration streams = parsed.InvocationConfiguration;
            var files = new BenchFiles(parsed.GetValue(json), parsed.GetValue(report));
            return BenchSession.RunAsync(settings, files, streams.Output, streams.Error);
        });
        return command;
    }

    private static int Range(string name, int? given, int fallback, int min, int max) =>
        given is not { } value ? fallback
        : value >= min && value <= max ? value
        : throw new BenchException(
            string.Create(CultureInfo.InvariantCulture, $"{name}: is {value}; it must be {min} to {max}"), true);

    private static Uri? TargetOf(string? text) =>
        text is null ? null
        : Uri.TryCreate(text, UriKind.Absolute, out Uri? url) && url.Scheme == Uri.UriSchemeHttp ? url
        : throw new BenchException($"--target: is \"{text}\"; it must be a URL such as http://127.0.0.1:8080/", true);
}
