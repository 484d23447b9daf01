using L7Engine.Tests.Support;
using NUnit.Framework;

namespace L7Engine.Tests.Backends.Health;

/// <summary>What the outcomes of real requests do to the traffic of a whole engine.</summary>
[TestFixture]
internal sealed class EjectionTests : EngineFixture
{
    private const string Ok = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\nhi";
    private const string Once = "GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n";

    // A post is sent nowhere else once it was sent: each outcome is the backend's that was picked.
    private const string Post = "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\nConnection: close\r\n\r\n";

    private Action<SimPeer> _behaviour = peer => peer.Send(Ok);

    [Test]
    public void A_backend_that_closes_without_an_answer_is_left_out_and_tried_by_one_request_after_its_time()
    {
        StartGroup();
        _behaviour = peer => peer.Close();
        AskUntil(() => First.Health == BackendHealth.Ejected);
        Assert.That((First.HealthCause, First.LastFailure), Is.EqualTo((HealthCause.ConsecutiveFailures, RequestFailure.Closed)));
        Assert.That(First.Failures, Is.EqualTo(5));

        int asked = Bed.Backend.Peers.Count;
        Assert.That(AskMany(20), Has.All.EqualTo(200));
        Assert.That(Bed.Backend.Peers, Has.Count.EqualTo(asked), "while it is ejected");

        Net.RunFor(TimeSpan.FromSeconds(10));
        Assert.That(First.Health, Is.EqualTo(BackendHealth.Trial));
        Assert.That(AskMany(20).Count(status => status == 502), Is.LessThanOrEqualTo(1));
        Assert.That(Bed.Backend.Peers, Has.Count.EqualTo(asked + 1), "on trial");
        Assert.That(First.Ejections, Is.EqualTo(2));

        _behaviour = peer => peer.Send(Ok);
        Net.RunFor(TimeSpan.FromSeconds(20));
        Assert.That(AskMany(20), Has.All.EqualTo(200));
        Assert.That((First.Health, First.HealthCause), Is.EqualTo((BackendHealth.Up, HealthCause.TrialPassed)));
    }

    [TestCase("garbage\r\n\r\n", RequestFailure.Malformed)]
    [TestCase("HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n", RequestFailure.Malformed)]
    [TestCase("", RequestFailure.ResponseTimedOut)]
    public void What_is_no_response_counts(string answer, RequestFailure failure)
    {
        StartGroup();
        _behaviour = peer => peer.Send(answer);
        Ask(Post);
        Ask(Post);
        Net.RunFor(TimeSpan.FromSeconds(61));

        Assert.That((First.LastFailure, First.Failures), Is.EqualTo((failure, 1L)));
    }

    [Test]
    public void A_connection_that_cannot_be_opened_counts([Values] bool isRefused)
    {
        StartGroup();
        Net.SetOutcome(Bed.Backend.Address, isRefused ? ConnectOutcome.Refused : ConnectOutcome.Unanswered);
        Ask(Once);
        Ask(Once);
        Net.RunFor(TimeSpan.FromSeconds(5));

        Assert.That(First.LastFailure, Is.EqualTo(isRefused ? RequestFailure.ConnectFailed : RequestFailure.ConnectTimedOut));
    }

    [TestCase(ConnectOutcome.NoLocalPort)]
    [TestCase(ConnectOutcome.NoDescriptor)]
    public void What_this_machine_lacks_counts_against_nobody(ConnectOutcome outcome)
    {
        StartGroup();
        Net.SetOutcome(Bed.Backend.Address, outcome);
        AskMany(20);

        Assert.That((First.Failures, First.Health), Is.EqualTo((0L, BackendHealth.Up)));
    }

    [Test]
    public void A_client_that_goes_counts_against_nobody()
    {
        StartGroup();
        _behaviour = _ => { };
        for (int i = 0; i < 20; i++)
        {
            SimPeer client = Ask(Post);
            client.Reset();
            Net.RunUntilIdle();
        }

        Assert.That((First.Failures, First.Health), Is.EqualTo((0L, BackendHealth.Up)));
    }

    // A GET is sent once more; a POST cannot be, and is answered 502.
    [TestCase("GET", 200)]
    [TestCase("POST", 502)]
    public void A_kept_connection_that_the_backend_closes_under_a_request_counts_against_nobody(string method, int last)
    {
        StartGroup(backends: 1);
        int requests = 0;
        Bed.Backend.OnAccepted = peer =>
        {
            int mine = 0;
            peer.OnReceived = p =>
            {
                p.Clear();
                requests++;
                if (mine++ == 0)
                {
                    p.Send(Msg.Ok());
                }
                else
                {
                    p.Close();
                }
            };
        };
        SimPeer client = Bed.Connect();
        for (int i = 0; i < 20; i++)
        {
            client.Clear();
            Send(client, Msg.Get(method: method, fields: "Content-Length: 0\r\n"));
        }

        Assert.That(requests, Is.GreaterThanOrEqualTo(20));
        Assert.That(Msg.StatusOf(client.Text), Is.EqualTo(last), "it came to races");
        Assert.That((First.Failures, First.ConsecutiveFailures), Is.EqualTo((0L, 0)));
    }

    [Test]
    public void A_status_counts_where_it_is_listed_and_is_passed_on()
    {
        StartGroup(o => o with { Ejection = new EjectionOptions { Statuses = [503] } });
        _behaviour = peer => peer.Send("HTTP/1.1 503 Busy\r\nContent-Length: 0\r\nConnection: close\r\n\r\n");

        Assert.That(AskMany(10).Count(status => status == 503), Is.EqualTo(5));
        Assert.That((First.Health, First.LastFailure), Is.EqualTo((BackendHealth.Ejected, RequestFailure.Status)));
    }

    [Test]
    public void Flapping_turns_the_traffic_no_faster_than_the_back_off()
    {
        StartGroup();
        int served = 0;

        // The worst: it answers whoever tries it, then fails.
        _behaviour = peer =>
        {
            if (served++ % 6 == 0)
            {
                peer.Send(Ok);
            }
            else
            {
                peer.Close();
            }
        };
        var outs = new List<TimeSpan>();
        TimeSpan since = TimeSpan.Zero;
        BackendHealth last = BackendHealth.Up;
        while (Net.Now < TimeSpan.FromHours(1))
        {
            Ask(Post);
            Net.RunFor(TimeSpan.FromMilliseconds(500));
            if (First.Health == last)
            {
                continue;
            }

            if (First.Health == BackendHealth.Ejected)
            {
                since = Net.Now;
            }
            else if (last == BackendHealth.Ejected)
            {
                outs.Add(Net.Now - since);
            }

            last = First.Health;
        }

        TestContext.Out.WriteLine(string.Join(' ', outs.Select(o => o.TotalSeconds)));
        TimeSpan[] least = [.. outs.Select((_, i) => TimeSpan.FromSeconds(Math.Min(10 * Math.Pow(2, i), 300) - 1))];
        Assert.That(outs, Has.Count.GreaterThan(10));
        Assert.That(outs.Zip(least).All(pair => pair.First >= pair.Second));
    }

    [Test]
    public void Slow_start_gives_one_that_comes_back_a_tenth_of_its_share_and_then_more_and_more()
    {
        StartGroup(o => o with { SlowStart = TimeSpan.FromSeconds(100) });
        _behaviour = peer => peer.Close();
        AskUntil(() => First.Health == BackendHealth.Ejected);
        _behaviour = peer => peer.Send(Ok);
        Net.RunFor(TimeSpan.FromSeconds(10));
        AskUntil(() => First.Health == BackendHealth.Up);

        double atFirst = ShareOfFirst();
        Net.RunFor(TimeSpan.FromSeconds(50));
        double halfway = ShareOfFirst();
        Net.RunFor(TimeSpan.FromSeconds(50));
        double atLast = ShareOfFirst();

        // 0.1 of 1.1, 0.55 of 1.55, and a half.
        Assert.That(atFirst, Is.EqualTo(0.09).Within(0.02));
        Assert.That(halfway, Is.EqualTo(0.355).Within(0.02));
        Assert.That(atLast, Is.EqualTo(0.5).Within(0.01));
    }

    [Test]
    public void The_only_backend_is_never_left_out()
    {
        StartGroup(backends: 1);
        _behaviour = peer => peer.Close();
        AskMany(50);

        Assert.That((First.Health, First.GetsRequests), Is.EqualTo((BackendHealth.Up, true)));
    }

    private BackendStatus First => Bed.Status.Backends[0];

    private double ShareOfFirst()
    {
        long before = First.Requests;
        AskMany(300);
        return (First.Requests - before) / 300.0;
    }

    private int[] AskMany(int count) => [.. Enumerable.Range(0, count).Select(_ => Msg.StatusOf(Ask(Post).Text))];

    private void AskUntil(Func<bool> condition)
    {
        for (int i = 0; i < 200 && !condition(); i++)
        {
            Ask(Post);
        }

        Assert.That(condition());
    }

    private void StartGroup(Func<BackendGroupOptions, BackendGroupOptions>? configure = null, int backends = 2)
    {
        Start(o => o with { Groups = [(configure ?? (g => g))(o.Groups[0])] }, backends);
        for (int i = 0; i < backends; i++)
        {
            bool isFirst = i == 0;
            Bed.Backends[i].OnAccepted = peer => peer.OnReceived = p =>
            {
                if (isFirst)
                {
                    _behaviour(p);
                }
                else
                {
                    p.Send(Ok);
                }
            };
        }
    }
}
