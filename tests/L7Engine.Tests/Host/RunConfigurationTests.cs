using System.Net;
using L7Engine.Host.Configuration;
using NUnit.Framework;

namespace L7Engine.Tests.Host;

[TestFixture]
internal sealed class RunConfigurationTests
{
    private static readonly IPEndPoint Here = IPEndPoint.Parse("127.0.0.1:8080");
    private static readonly IPEndPoint There = IPEndPoint.Parse("127.0.0.1:9001");

    [Test]
    public void Flags_alone_make_one_group()
    {
        var arguments = new RunArguments
        {
            Listen = [Here],
            Backends = [There],
            Loops = 2,
            Close = true,
            SharePort = true,
        };

        LoadBalancerOptions options = RunConfiguration.Of(arguments, out _)!;

        using (Assert.EnterMultipleScope())
        {
            Assert.That(options.Listeners.Single().Address, Is.EqualTo(Here));
            Assert.That(options.Listeners[0].KeepAlive.Enabled, Is.False);
            Assert.That(options.Listeners[0].SharePort);
            Assert.That(options.Groups.Single().Backends.Single().Address, Is.EqualTo(There));
            Assert.That(options.Loops, Is.EqualTo(2));
        }
    }

    [Test]
    public void Without_a_file_it_must_be_said_where_to_listen_and_where_to_send()
    {
        Assert.That(LinesOf(new RunArguments()), Is.EqualTo(
        [
            "l7engine: --listen: is missing; give it at least once, or --config FILE",
            "l7engine: --backend: is missing; give it at least once, or --config FILE",
        ]));
    }

    [Test]
    public void A_file_and_addresses_exclude_each_other()
    {
        Assert.That(LinesOf(new RunArguments { ConfigPath = "f.json", Listen = [Here] }), Is.EqualTo(
            ["l7engine: --config: says where to listen and send; leave out --listen and --backend"]));
    }

    [Test]
    public void What_is_wrong_is_said_of_the_flag()
    {
        var arguments = new RunArguments { Listen = [Here], Backends = [There, There], Loops = 1_025 };

        Assert.That(LinesOf(arguments), Is.EqualTo(
        [
            "l7engine: --loops: is 1025; it must be 0 to 1024",
            "l7engine: --backend: is 127.0.0.1:9001 as in backends[0]; " +
                "name each backend once, and give it more weight for a larger share",
        ]));
    }

    private static IReadOnlyList<string> LinesOf(RunArguments arguments)
    {
        Assert.That(RunConfiguration.Of(arguments, out IReadOnlyList<string> lines), Is.Null);
        return lines;
    }
}
