using System.Net;
using L7Engine.Backends.Names;
using L7Engine.Configuration;
using NUnit.Framework;

namespace L7Engine.Tests.Configuration;

[TestFixture]
internal sealed class NameExpansionTests
{
    private readonly Dictionary<string, string[]> _names = [];
    private readonly List<IPEndPoint> _bound = [];

    [SetUp]
    public void Begin_without_names()
    {
        _names.Clear();
        _bound.Clear();
    }

    [Test]
    public void A_configuration_without_names_stays_as_it_is()
    {
        LoadBalancerOptions options = Valid.Options;

        Assert.That(new NameExpansion(options, _ => [], []).Options, Is.SameAs(options));
    }

    [Test]
    public void Each_address_of_a_name_is_a_backend_with_the_settings_of_the_name()
    {
        _names["app.example"] = ["10.0.0.1", "10.0.0.2"];

        BackendOptions[] backends = Expand(new BackendOptions { Address = Name("App.example", 81), Weight = 7 });

        Assert.That(backends.Select(b => b.Address.ToString()), Is.EqualTo(["10.0.0.1:81", "10.0.0.2:81"]));
        Assert.That(backends, Has.All.Property(nameof(BackendOptions.Weight)).EqualTo(7));
        Assert.That(backends, Has.All.Property(nameof(BackendOptions.Authority)).EqualTo("App.example:81"));
    }

    [Test]
    public void An_authority_that_is_configured_stays()
    {
        _names["a"] = ["10.0.0.1"];

        Assert.That(Expand(new BackendOptions { Address = Name("a", 81), Authority = "x" })[0].Authority, Is.EqualTo("x"));
    }

    [Test]
    public void A_name_without_addresses_leaves_nothing()
    {
        _names["a"] = [];

        Assert.That(Expand(Of("a", 1)), Is.Empty);
    }

    [Test]
    public void An_address_is_one_backend_of_its_group_and_what_is_configured_itself_comes_first()
    {
        _names["a"] = ["10.0.0.1", "10.0.0.2"];
        _names["b"] = ["10.0.0.2", "10.0.0.3"];
        var itself = new BackendOptions { Address = IPEndPoint.Parse("10.0.0.3:1"), Weight = 9 };

        BackendOptions[] backends = Expand(Of("a", 1), Of("b", 1), itself);

        Assert.That(backends.Select(b => (b.Address.ToString(), b.Name)), Is.EqualTo(
            new[] { ("10.0.0.1:1", "a"), ("10.0.0.2:1", "a"), ("10.0.0.3:1", null) }));
    }

    [Test]
    public void A_name_with_two_ports_has_its_addresses_at_both()
    {
        _names["a"] = ["10.0.0.1"];

        Assert.That(Expand(Of("a", 1), Of("a", 2)), Has.Length.EqualTo(2));
    }

    [TestCase(NameAddresses.All, "10.0.0.1:1 [fd00::1]:1")]
    [TestCase(NameAddresses.OnlyIPv4, "10.0.0.1:1")]
    [TestCase(NameAddresses.OnlyIPv6, "[fd00::1]:1")]
    public void Addresses_of_one_family_may_be_wanted_alone(NameAddresses wanted, string expected)
    {
        _names["a"] = ["10.0.0.1", "fd00::1"];

        BackendOptions[] backends = Expand(new NameOptions { Addresses = wanted }, Of("a", 1));

        Assert.That(string.Join(' ', backends.Select(b => b.Address)), Is.EqualTo(expected));
    }

    [Test]
    public void A_name_has_no_more_backends_than_the_limit()
    {
        _names["a"] = [.. Enumerable.Range(1, 100).Select(i => $"10.0.0.{i}")];

        Assert.That(Expand(Of("a", 1)), Has.Length.EqualTo(64));
        Assert.That(Expand(new NameOptions { MaxAddresses = 2 }, Of("a", 1)), Has.Length.EqualTo(2));
    }

    [Test]
    public void What_cannot_be_an_address_of_a_host_is_no_backend()
    {
        _names["a"] = ["0.0.0.0", "::", "10.0.0.1"];

        Assert.That(Expand(Of("a", 1)).Single().Address.ToString(), Is.EqualTo("10.0.0.1:1"));
    }

    // The listener of the configuration is 127.0.0.1:8080.
    [Test]
    public void An_address_where_the_engine_listens_is_left_out_and_named()
    {
        _names["a"] = ["127.0.0.1", "10.0.0.1"];
        _bound.Add(IPEndPoint.Parse("0.0.0.0:7070"));

        NameExpansion expansion = Expansion(new NameOptions(), Of("a", 8080), Of("a", 7070));

        Assert.That(expansion.Options.Groups[0].Backends.Select(b => b.Address.ToString()), Is.EqualTo(
            ["10.0.0.1:8080", "10.0.0.1:7070"]));
        Assert.That(expansion.LeftOut.Select(l => l.Address.ToString()), Is.EqualTo(
            ["127.0.0.1:8080", "127.0.0.1:7070"]));
    }

    [TestCase("10.0.0.2 fd00::1 10.0.0.1 ::ffff:10.0.0.9 10.0.0.2", "10.0.0.1 10.0.0.2 10.0.0.9 fd00::1")]
    [TestCase("fe80::1%2 fe80::1%1", "fe80::1%1 fe80::1%2")]
    [TestCase("", "")]
    public void Addresses_have_one_order_and_none_comes_twice(string found, string expected)
    {
        string[] texts = found.Split(' ', StringSplitOptions.RemoveEmptyEntries);

        Assert.That(string.Join(' ', AddressOrder.Sort(texts.Select(IPAddress.Parse)).AsEnumerable()), Is.EqualTo(expected));
    }

    private BackendOptions[] Expand(params BackendOptions[] backends) => Expand(new NameOptions(), backends);

    private BackendOptions[] Expand(NameOptions names, params BackendOptions[] backends) =>
        [.. Expansion(names, backends).Options.Groups[0].Backends];

    private NameExpansion Expansion(NameOptions names, params BackendOptions[] backends) => new(
        Valid.With(new BackendGroupOptions { Backends = backends, Names = names }),
        key => AddressOrder.Sort(_names[key.Host].Select(IPAddress.Parse)),
        _bound);

    private static BackendOptions Of(string host, int port) => new() { Address = Name(host, port) };

    private static DnsEndPoint Name(string host, int port) => new(host, port);
}
