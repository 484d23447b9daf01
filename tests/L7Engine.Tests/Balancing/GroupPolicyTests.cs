using System.Net;
using L7Engine.Tests.Support;
using NUnit.Framework;

namespace L7Engine.Tests.Balancing;

/// <summary>The policies of a group, as its clients and backends see them.</summary>
internal sealed class GroupPolicyTests : EngineFixture
{
    [Test]
    public void Least_connections_counts_the_requests_of_all_clients()
    {
        Start(Policy(BalancingPolicy.LeastConnections), backends: 3);
        Ask(Msg.Get());
        Ask(Msg.Get());
        Ask(Msg.Get());
        int idle = 1;
        Bed.Newest(idle).Send(Msg.Ok());
        Net.RunUntilIdle();

        Ask(Msg.Get("/again"));

        Assert.That(Bed.Newest(idle).Text, Does.Contain("/again"));
    }

    [Test]
    public void A_client_has_its_backend_on_every_loop_and_connection()
    {
        Start(Policy(BalancingPolicy.ClientHash), backends: 5, loops: 4);
        Bed.AnswerWith(Msg.Ok());

        for (int i = 0; i < 40; i++)
        {
            SimPeer client = Bed.Connect(IPAddress.Parse("192.0.2.1"));
            client.Send(Msg.Get());
            Net.RunUntilIdle();
        }

        Assert.That(Bed.Backends.Count(b => b.Peers.Count > 0), Is.EqualTo(1));
    }

    [Test]
    public void Clients_behind_a_trusted_proxy_are_told_apart()
    {
        Start(
            o => Policy(BalancingPolicy.ClientHash)(o) with
            {
                Listeners = [o.Listeners[0] with { TrustedProxies = [IPNetwork.Parse("127.0.0.1/32")] }],
            },
            backends: 5);
        Bed.AnswerWith(Msg.Ok());

        for (int i = 0; i < 40; i++)
        {
            Ask(Msg.Get(fields: $"X-Forwarded-For: 10.9.9.9, 192.0.2.{i}\r\n"));
        }

        Assert.That(Bed.Backends.Count(b => b.Peers.Count > 0), Is.EqualTo(5));
    }

    [Test]
    public void What_a_client_claims_of_itself_does_not_matter()
    {
        Start(Policy(BalancingPolicy.ClientHash), backends: 5);
        Bed.AnswerWith(Msg.Ok());

        for (int i = 0; i < 40; i++)
        {
            Ask(Msg.Get(fields: $"X-Forwarded-For: 192.0.2.{i}\r\n"));
        }

        Assert.That(Bed.Backends.Count(b => b.Peers.Count > 0), Is.EqualTo(1));
    }

    [Test]
    public void A_key_whose_backend_refuses_goes_to_another_and_comes_back()
    {
        Start(
            o => o with
            {
                Groups =
                [
                    o.Groups[0] with
                    {
                        Policy = BalancingPolicy.ConsistentHash,
                        Hash = new HashOptions { On = HashInput.Path, BoundedLoad = 0 },
                        Pool = new PoolOptions { Enabled = false },
                    },
                ],
            },
            backends: 3);
        Bed.AnswerWith(Msg.Ok("", "Connection: close\r\n"));
        Ask(Msg.Get("/key"));
        int first = Bed.Backends.ToList().FindIndex(b => b.Peers.Count > 0);

        Net.SetOutcome(Bed.Backends[first].Address, ConnectOutcome.Refused);
        SimPeer client = Ask(Msg.Get("/key"));
        Net.SetOutcome(Bed.Backends[first].Address, ConnectOutcome.Reached);
        Ask(Msg.Get("/key"));

        Assert.That(Msg.StatusOf(client.Text), Is.EqualTo(200));
        Assert.That(Bed.Backends[first].Peers, Has.Count.EqualTo(2));
    }

    private static Func<LoadBalancerOptions, LoadBalancerOptions> Policy(BalancingPolicy policy) =>
        o => o with { Groups = [o.Groups[0] with { Policy = policy }] };
}
