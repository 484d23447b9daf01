using System.Globalization;
using System.Net;
using System.Text.RegularExpressions;
using L7Engine.EndToEnd.Tests.Support;
using NUnit.Framework;

namespace L7Engine.EndToEnd.Tests.Load;

/// <summary>The generator beside others that are known, on the same target: medians of the ratios of each round.</summary>
/// <remarks>
/// A few short rounds by default, more where those are far off, and only what stays so fails, for others may be busy on
/// the same machine.
/// <c>L7_CROSSCHECK=full</c> is for a quiet machine: more and longer rounds, and the bounds that are promised. Generator
/// and target have a processor each.
/// </remarks>
[TestFixture]
internal sealed partial class CrossCheckTests
{
    private const int Connections = 64;

    // Of short rounds beside whoever is busy.
    private const double Least = 0.5;
    private const double Most = 2;
    private const double MostOfProxy = 1;
    private const int MostRounds = 15;

    private static readonly bool IsFull = Environment.GetEnvironmentVariable("L7_CROSSCHECK") == "full";
    private static readonly int Rounds = IsFull ? 7 : 3;
    private static readonly TimeSpan Duration = TimeSpan.FromSeconds(IsFull ? 3 : 1);

    // A proxy and its backend on one processor are slower than any generator, so that all of a latency is theirs. Where
    // a generator is the slower one, its own queue is in the latencies or is not, by how it takes turns: wrk reads all
    // that came, then sends, and its clock stands still in between.
    [Test]
    public async Task Requests_a_second_and_the_median_latency_are_those_of_wrk()
    {
        await using NginxProcess nginx = await StartTargetAsync();
        await using HaproxyProcess target = await HaproxyProcess.StartAsync(nginx.Address, core: 0);
        var rates = new List<double>();
        var medians = new List<double>();

        while (!IsEnough(rates, Least, Most) || !IsEnough(medians, Least, Most))
        {
            (double rate, double p50) = await WrkAsync(target.Address);
            GeneratorFigures ours = await GeneratorProcess.MeasureAsync(target.Address, Duration, Connections, 0, core: 1);
            Assert.That(ours.Failed, Is.Zero);
            rates.Add(ours.RequestsPerSecond / rate);
            medians.Add(ours.P50 / p50);
            Say($"wrk {rate:F0}/s p50 {p50:F0} us, ours {ours.RequestsPerSecond:F0}/s p50 {ours.P50:F0} us");
        }

        AssertAgrees("requests/s over wrk's", rates, within: 0.10);
        AssertAgrees("p50 over wrk's", medians, within: 0.10);
    }

    [Test]
    public async Task It_sends_as_fast_as_wrk_where_nothing_else_is_slower()
    {
        await using NginxProcess nginx = await StartTargetAsync();
        var rates = new List<double>();

        while (!IsEnough(rates, Least, double.MaxValue))
        {
            (double rate, double p50) = await WrkAsync(nginx.Address);
            GeneratorFigures ours = await GeneratorProcess.MeasureAsync(nginx.Address, Duration, Connections, 0, core: 1);
            Assert.That(ours.Failed, Is.Zero);
            rates.Add(ours.RequestsPerSecond / rate);
            Say($"wrk {rate:F0}/s p50 {p50:F0} us, ours {ours.RequestsPerSecond:F0}/s p50 {ours.P50:F0} us");
        }

        double median = Median(rates);
        Say($"requests/s over wrk's: {median:F3} ({rates.Min():F3} to {rates.Max():F3})");
        Assert.That(median, Is.AtLeast(IsFull ? 0.9 : Least));
    }

    [Test]
    public async Task Connections_a_second_are_those_of_ab()
    {
        await using NginxProcess nginx = await StartTargetAsync();
        var rates = new List<double>();

        while (!IsEnough(rates, Least, Most))
        {
            double rate = await AbAsync(nginx.Address);
            GeneratorFigures ours = await GeneratorProcess.MeasureAsync(nginx.Address, Duration, Connections, 1, core: 1);
            Assert.That(ours.Failed, Is.Zero);
            rates.Add(ours.OpenedPerSecond / rate);
            Say($"ab {rate:F0} connections/s, ours {ours.OpenedPerSecond:F0} connections/s");
        }

        AssertAgrees("connections/s over ab's", rates, within: 0.15);
    }

    [Test]
    public async Task The_generator_takes_less_processor_time_for_a_request_than_a_proxy_does()
    {
        await using NginxProcess nginx = await NginxProcess.StartAsync();
        await Cores.KeepAsync(nginx.Process, core: 1);
        await using HaproxyProcess haproxy = await HaproxyProcess.StartAsync(nginx.Address, core: 0);
        var ratios = new List<double>();

        while (!IsEnough(ratios, 0, MostOfProxy))
        {
            TimeSpan spent = TimeSpan.Zero;
            GeneratorFigures ours = await GeneratorProcess.MeasureAsync(
                haproxy.Address, Duration, Connections, 0, core: 1,
                () => spent = ProcessFigures.ProcessorTime(haproxy.Process.Id) - spent);
            Assert.That(ours.Failed, Is.Zero);
            double theirs = spent.TotalMicroseconds / ours.Completed;
            ratios.Add(ours.CpuMicroseconds / theirs);
            Say($"generator {ours.CpuMicroseconds:F1} us, haproxy {theirs:F1} us a request");
        }

        double median = Median(ratios);
        Say($"generator over haproxy: {median:F2}");
        Assert.That(median, Is.AtMost(IsFull ? 0.5 : MostOfProxy));
    }

    private static async Task<NginxProcess> StartTargetAsync()
    {
        NginxProcess nginx = await NginxProcess.StartAsync();
        await Cores.KeepAsync(nginx.Process, core: 0);
        return nginx;
    }

    private static async Task<(double Rate, double Microseconds)> WrkAsync(IPEndPoint target)
    {
        ToolResult result = await Tool.RunAsync(
            "taskset", "-c", Cores.Name(1), Tool.Require("wrk"), "-t1",
            Invariant($"-c{Connections}"), Invariant($"-d{Duration.TotalSeconds:F0}s"), "--timeout", "60s", "--latency", UrlOf(target));
        Assert.That(result.Output, Does.Not.Contain("Socket errors").And.Not.Contain("Non-2xx"));
        Match half = WrkMedian().Match(result.Output);
        double unit = half.Groups[2].Value switch { "us" => 1, "ms" => 1_000, _ => 1_000_000 };
        return (NumberOf(WrkRate().Match(result.Output)), NumberOf(half) * unit);
    }

    private static async Task<double> AbAsync(IPEndPoint target)
    {
        ToolResult result = await Tool.RunAsync(
            "taskset", "-c", Cores.Name(1), Tool.Require("ab"), "-q", "-t", Invariant($"{Duration.TotalSeconds:F0}"),
            "-n", "1000000", "-c", Invariant($"{Connections}"), UrlOf(target));
        Assert.That(result.Output, Does.Not.Contain("Non-2xx"));
        Assert.That(result.ExitCode, Is.Zero, result.ToString());
        return NumberOf(AbRate().Match(result.Output));
    }

    private static bool IsEnough(List<double> ratios, double least, double most) => ratios.Count >= Rounds
        && (IsFull || ratios.Count >= MostRounds || (Median(ratios) >= least && Median(ratios) <= most));

    private static void AssertAgrees(string what, List<double> ratios, double within)
    {
        double median = Median(ratios);
        Say($"{what}: {median:F3} ({ratios.Min():F3} to {ratios.Max():F3}, {ratios.Count} rounds)");
        Assert.That(median, IsFull ? Is.EqualTo(1).Within(within) : Is.InRange(Least, Most), what);
    }

    private static double Median(List<double> numbers) => numbers.Order().ElementAt(numbers.Count / 2);

    private static string UrlOf(IPEndPoint target) => $"http://{target}{NginxProcess.Hundred}";

    private static double NumberOf(Match match)
    {
        Assert.That(match.Success);
        return double.Parse(match.Groups[1].ValueSpan, CultureInfo.InvariantCulture);
    }

    private static string Invariant(FormattableString text) => FormattableString.Invariant(text);

    private static void Say(FormattableString text) => TestContext.Out.WriteLine(Invariant(text));

    [GeneratedRegex(@"Requests/sec:\s+([\d.]+)")]
    private static partial Regex WrkRate();

    [GeneratedRegex(@"50%\s+([\d.]+)(us|ms|s)")]
    private static partial Regex WrkMedian();

    [GeneratedRegex(@"Requests per second:\s+([\d.]+)")]
    private static partial Regex AbRate();
}
