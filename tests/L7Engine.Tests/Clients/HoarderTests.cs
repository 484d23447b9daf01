using System.Net;
using L7Engine.Tests.Support;
using NUnit.Framework;

namespace L7Engine.Tests.Clients;

/// <summary>One client opens all the connections it can get, and does nothing with most; the others must not notice.</summary>
[TestFixture]
internal sealed class HoarderTests : EngineFixture
{
    private const int Places = 400;
    private const int Victims = 40;

    private static readonly IPAddress Attacker = IPAddress.Parse("127.9.9.9");

    private readonly List<SimPeer> _hoard = [];
    private readonly List<SimPeer> _victims = [];
    private readonly int[] _asked = new int[Victims];

    [TestCase(1, 1)]
    [TestCase(1, 2)]
    [TestCase(3, 1)]
    [TestCase(3, 2)]
    [TestCase(3, 3)]
    public void Whoever_hoards_loses_its_own_connections_and_no_other_client_is_closed_or_kept_waiting(int loops, int seed)
    {
        Start(o => o with { Limits = new Limits { MaxClientConnections = Places } }, loops: loops, seed: seed);
        Bed.AnswerWith(Msg.Ok("done"));
        var random = new Random(seed);

        for (int i = 0; i < 3 * Places; i++)
        {
            Hoard(i % 3);
            if (i % 10 == 0 && _victims.Count < Victims)
            {
                _victims.Add(Bed.Connect(new IPAddress([127, 1, 0, (byte)_victims.Count])));
                Ask(_victims.Count - 1);
            }

            if (i % 7 == 0 && _victims.Count > 0)
            {
                Ask(random.Next(_victims.Count));
            }

            Net.RunFor(TimeSpan.FromMilliseconds(10));
            Assert.That(Bed.Status.ClientConnectionsOpen, Is.LessThan(Places), "there is always a place");
        }

        Net.RunUntilIdle();
        using (Assert.EnterMultipleScope())
        {
            Assert.That(_victims.Select(v => v.IsFinished), Is.All.False, $"seed {seed}");
            Assert.That(_victims.Select(AnswersTo), Is.EqualTo(_asked), $"seed {seed}");
            Assert.That(Bed.ClientCloses(CloseReason.FairEviction), Is.EqualTo(_hoard.Count(c => c.IsFinished)));
            Assert.That(Bed.ClientCloses(CloseReason.FairEviction), Is.GreaterThan(2 * Places));
            Assert.That(Bed.Status.ClientCloses, Has.Count.EqualTo(1), "there was no other reason");
        }
    }

    // Idle after a request, silent, or half a head.
    private void Hoard(int kind)
    {
        SimPeer connection = Bed.Connect(Attacker);
        connection.Send(kind == 0 ? Msg.Get() : kind == 1 ? "" : "GET / HTTP/1.1\r\nHo");
        _hoard.Add(connection);
    }

    private void Ask(int victim)
    {
        _victims[victim].Send(Msg.Get());
        _asked[victim]++;
    }

    private static int AnswersTo(SimPeer victim) => victim.Text.Split("HTTP/1.1 200 OK").Length - 1;
}
