using System.Net;
using L7Engine.Tests.Support;
using NUnit.Framework;

namespace L7Engine.Tests.Diagnostics;

/// <summary>A logger of the embedder that throws, wherever the engine happens to log.</summary>
[TestFixture(false)]
[TestFixture(true)]
internal sealed class ThrowingLoggerTests(bool whenAsked) : EngineFixture
{
    private readonly ThrowingLogger _log = new(whenAsked);

    // What is logged is that places run short: in the middle of accepting.
    [Test]
    public void Accepting_goes_on()
    {
        StartWith(o => o with { Limits = new Limits { MaxClientConnections = 10 } });
        int atStart = _log.CallCount;
        Bed.AnswerWith(Msg.Ok("done"));
        for (int i = 0; i < 30; i++)
        {
            SimPeer client = Bed.Connect(new IPAddress([127, 1, 0, (byte)i]));
            Send(client, Msg.Get());
            Net.RunFor(TimeSpan.FromSeconds(2));

            Assert.That(client.Text, Does.EndWith("done"), $"client {i}");
        }

        Expect(607, atStart);
    }

    [Test]
    public void A_bug_costs_what_it_costs_with_any_logger()
    {
        HasBug = true;
        StartWith();
        int atStart = _log.CallCount;
        Bed.AnswerWith(Msg.Ok("done"));
        Net.Loops[0].OnUse = () => throw new InvalidDataException();
        SimPeer client = Ask(Msg.Get());
        Net.Loops[0].OnUse = null;

        Assert.That(client.IsFinished);
        Assert.That(Bed.OnlyClose(ConnectionSide.Client).Reason, Is.EqualTo(CloseReason.EngineFault));
        Assert.That(Ask(Msg.Get()).Text, Does.EndWith("done"));
        Expect(604, atStart);
    }

    [Test]
    public void A_request_is_served_whose_policy_throws_too()
    {
        StartWith(o => o with { Groups = [o.Groups[0] with { CustomPolicy = _ => new Thrower() }] });
        int atStart = _log.CallCount;
        Bed.AnswerWith(Msg.Ok("done"));

        Assert.That(Ask(Msg.Get()).Text, Does.EndWith("done"));
        Expect(611, atStart);
    }

    [Test]
    public void A_backend_that_refuses_is_answered_for()
    {
        StartWith();
        int atStart = _log.CallCount;
        Net.SetOutcome(Bed.Backend.Address, ConnectOutcome.Refused);

        Assert.That(Msg.StatusOf(Ask(Msg.Get()).Text), Is.EqualTo(502));
        Expect(401, atStart);
    }

    [Test]
    public void A_loop_that_stalls_goes_on()
    {
        StartWith();
        int atStart = _log.CallCount;
        Bed.AnswerWith(Msg.Ok("done"));
        Net.Loops[0].StallFor(TimeSpan.FromSeconds(2));
        SimPeer client = Ask(Msg.Get());
        Net.RunFor(TimeSpan.FromSeconds(3));

        Assert.That(client.Text, Does.EndWith("done"));
        Expect(603, atStart);
    }

    [Test]
    public void Configurations_are_applied_and_refused()
    {
        StartWith();
        int atStart = _log.CallCount;
        ListenerOptions more = new() { Name = "more", Address = new IPEndPoint(IPAddress.Loopback, 4001) };

        Assert.That(Bed.Apply(o => o with { Listeners = [.. o.Listeners, more] }).ListenersOpened, Is.EqualTo(1));
        Assert.That(Bed.Apply(o => o).ListenersClosed, Is.EqualTo(1));
        Assert.That(() => Bed.Apply(o => o with { Groups = [] }), Throws.TypeOf<ConfigurationException>());
        Expect(501, atStart);
        Expect(502, atStart);
    }

    [Test]
    public void A_drain_loses_no_request_and_ends()
    {
        StartWith();
        SimPeer client = Ask(Msg.Get());
        int before = _log.CallCount;
        Task<DrainResult> drain = Bed.DrainAsync();
        Net.RunUntilIdle();
        Send(Backend, Msg.Ok("done"));
        client.Close();

        Assert.That(client.Text, Does.EndWith("done"));
        Assert.That(Net.Wait(drain), Is.EqualTo(new DrainResult(1, 0)));
        Expect(601, before);
        Expect(602, before);
    }

    private void StartWith(Func<LoadBalancerOptions, LoadBalancerOptions>? configure = null) =>
        Take(new EngineBed(configure: configure, log: _log.Factory));

    // What was not logged has shown nothing.
    private void Expect(int id, int callsBefore)
    {
        Assert.That(_log.CallCount, Is.GreaterThan(callsBefore));
        Assert.That(whenAsked || _log.Events.Contains(id), $"event {id}");
    }

    private sealed class Thrower : IBalancingPolicy
    {
        public int Pick(ulong key, in BalancingCandidates candidates) => throw new InvalidOperationException();
    }
}
