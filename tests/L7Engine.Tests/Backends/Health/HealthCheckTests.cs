using L7Engine.Tests.Support;
using NUnit.Framework;

namespace L7Engine.Tests.Backends.Health;

/// <summary>Checks of a whole engine, in virtual time: what is asked, when, and what it does to the traffic.</summary>
[TestFixture]
internal sealed class HealthCheckTests : EngineFixture
{
    private const string Ok = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\nhi";

    private static readonly TimeSpan Instant = TimeSpan.FromMilliseconds(1);

    private string _answer = Ok;

    [Test]
    public void A_check_asks_on_a_connection_of_its_own_and_says_who_asks()
    {
        Start(new HealthCheckOptions { Path = "/healthz?full", Host = "app.example" });
        Net.RunFor(TimeSpan.FromSeconds(6));

        string asked = Bed.Backend.Peers[0].Text;
        Assert.That(asked, Does.StartWith("GET /healthz?full HTTP/1.1\r\nHost: app.example\r\n"));
        Assert.That(asked, Does.Contain("\r\nUser-Agent: l7engine-health\r\n"));
        Assert.That(asked, Does.Match(@"\r\nVia: 1\.1 l7engine \([0-9a-f]+\)\r\n"));
        Assert.That(asked, Does.EndWith("\r\nConnection: close\r\n\r\n"));
        Assert.That(Bed.Backend.Peers, Has.Count.EqualTo(2));
        Assert.That(Status.ChecksPassed, Is.EqualTo(2));
        Assert.That(Bed.Status.BackendConnectionsOpened, Is.Zero, "they are none of the pool's");
    }

    // CLB's windows: timeout * fall + interval * (fall - 1), and the response's time * rise + interval * (rise - 1).
    [TestCase(3, 3, 5_000, 2_000)]
    [TestCase(1, 1, 5_000, 2_000)]
    [TestCase(2, 4, 300, 700)]
    public void The_windows_of_rise_and_fall_are_exact(int rise, int fall, int interval, int timeout)
    {
        Start(new HealthCheckOptions
        {
            Path = "/",
            Rise = rise,
            Fall = fall,
            Jitter = 0,
            Interval = TimeSpan.FromMilliseconds(interval),
            Timeout = TimeSpan.FromMilliseconds(timeout),
        });
        Net.RunFor(TimeSpan.FromMilliseconds(interval / 2));
        _answer = "";
        int before = Bed.Backend.Peers.Count;
        Net.RunUntil(() => Bed.Backend.Peers.Count > before);

        // Connecting took the network the time of one way; the check began before that.
        TimeSpan began = LastTick(Net.Now);
        Net.RunUntil(() => Status.Health == BackendHealth.Down);
        Assert.That(Net.Now - began, Is.EqualTo(
            TimeSpan.FromMilliseconds((timeout * fall) + (interval * (fall - 1)))).Within(Instant));

        _answer = Ok;
        before = Bed.Backend.Peers.Count;
        Net.RunUntil(() => Bed.Backend.Peers.Count > before);
        began = LastTick(Net.Now);
        Net.RunUntil(() => Status.ChecksPassed > 0 && Status.LastCheck == CheckResult.Passed);
        TimeSpan response = Net.Now - began;
        Net.RunUntil(() => Status.Health == BackendHealth.Up);
        TimeSpan interval1 = TimeSpan.FromMilliseconds(interval);

        // Each check begins in a tick: what a response takes into one is up to a tick more.
        Assert.That(Net.Now - began, Is.InRange(
            (response * rise) + (interval1 * (rise - 1)),
            (response * rise) + (interval1 * (rise - 1)) + ((rise - 1) * TimeSpan.FromMilliseconds(100))));
    }

    [TestCase("HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n", CheckResult.UnexpectedStatus, 404)]
    [TestCase("HTTP/1.1 302 Found\r\nContent-Length: 0\r\n\r\n", CheckResult.Passed, 302)]
    [TestCase("HTTP/1.1 103 Early Hints\r\n\r\nHTTP/1.1 204 No Content\r\n\r\n", CheckResult.Passed, 204)]
    [TestCase("HTTP/1.1 101 Switching Protocols\r\n\r\n", CheckResult.Malformed, 0)]
    [TestCase("garbage\r\n\r\n", CheckResult.Malformed, 0)]
    [TestCase("HTTP/1.1 200 OK\r\n", CheckResult.TimedOut, 0)]
    public void An_answer_is_judged_by_its_final_head(string answer, CheckResult result, int status)
    {
        _answer = answer;
        Start(new HealthCheckOptions { Path = "/", Interval = TimeSpan.FromHours(1), Jitter = 0 });
        Net.RunFor(TimeSpan.FromSeconds(3));

        Assert.That((Status.LastCheck, Status.LastCheckStatus), Is.EqualTo((result, status)));
    }

    [TestCase(ConnectOutcome.Refused, CheckResult.ConnectFailed)]
    [TestCase(ConnectOutcome.Unanswered, CheckResult.TimedOut)]
    [TestCase(ConnectOutcome.NoLocalPort, CheckResult.LocalCause)]
    [TestCase(ConnectOutcome.NoDescriptor, CheckResult.LocalCause)]
    public void What_this_machine_lacks_is_no_failure_of_a_backend(ConnectOutcome outcome, CheckResult result)
    {
        Start(new HealthCheckOptions { Path = "/" }, backends: 2);
        Net.SetOutcome(Bed.Backend.Address, outcome);
        Net.RunFor(TimeSpan.FromMinutes(1));

        bool isLocal = result == CheckResult.LocalCause;
        Assert.That(Status.LastCheck, Is.EqualTo(result));
        Assert.That(Status.Health, Is.EqualTo(isLocal ? BackendHealth.Up : BackendHealth.Down));
        Assert.That(Bed.Status.Backends[1].Health, Is.EqualTo(BackendHealth.Up));
        Assert.That(Status.ChecksFailed > 0, Is.EqualTo(!isLocal));
    }

    [Test]
    public void A_backend_that_hangs_forever_in_a_body_holds_no_connection_of_a_check()
    {
        _answer = "HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n";
        Start(new HealthCheckOptions { Path = "/", Interval = TimeSpan.FromHours(1), Jitter = 0 });
        Net.RunFor(TimeSpan.FromSeconds(3));

        Assert.That(Status.LastCheck, Is.EqualTo(CheckResult.Passed));
        Assert.That(Bed.Backend.Peers.All(p => p.IsFinished));
    }

    [Test]
    public void All_loops_together_ask_once_and_one_with_weight_0_is_asked_too()
    {
        Start(
            new HealthCheckOptions { Path = "/", Interval = TimeSpan.FromHours(1) }, loops: 4,
            change: b => b with { Weight = 0 });
        Net.RunFor(TimeSpan.FromMinutes(10));

        Assert.That(Status.ChecksPassed, Is.EqualTo(1));
    }

    [Test]
    public void A_check_that_comes_round_to_this_engine_fails()
    {
        Start(new HealthCheckOptions { Path = "/", Interval = TimeSpan.FromHours(1) });
        string check = "";
        Net.RunUntil(() => (check = Bed.Backend.Peers.Count > 0 ? Bed.Backend.Peers[0].Text : "").Length > 0);

        Assert.That(Msg.StatusOf(Ask(check).Text), Is.EqualTo(508));
    }

    [Test]
    public void One_that_is_added_gets_requests_once_its_first_check_has_passed()
    {
        Start(new HealthCheckOptions { Path = "/" }, backends: 1);
        Net.RunFor(TimeSpan.FromSeconds(2));
        SimServer added = Net.Listen();
        bool answers = false;
        added.OnAccepted = peer => peer.OnReceived = p => p.Send(answers ? Ok : "");

        Bed.Apply(o => o with
        {
            Groups = [o.Groups[0] with { Backends = [.. o.Groups[0].Backends, new BackendOptions { Address = added.Address }] }],
        });
        Assert.That(Bed.Status.Backends[1].Health, Is.EqualTo(BackendHealth.Detecting));
        Assert.That(Bed.Status.Backends[1].GetsRequests, Is.False);

        answers = true;
        Net.RunUntil(() => Bed.Status.Backends[1].Health == BackendHealth.Up);
        Assert.That(Bed.Status.Backends[1].ChecksPassed, Is.EqualTo(1));
    }

    [Test]
    public void Checks_that_are_configured_no_more_end()
    {
        Start(new HealthCheckOptions { Path = "/" });
        Net.RunFor(TimeSpan.FromSeconds(20));
        Bed.Apply(o => o with { Groups = [o.Groups[0] with { Health = new HealthCheckOptions() }] });
        long asked = Bed.Backend.Peers.Count;
        Net.RunFor(TimeSpan.FromMinutes(5));

        Assert.That(Bed.Backend.Peers, Has.Count.EqualTo(asked));
    }

    private BackendStatus Status => Bed.Status.Backends[0];

    private static TimeSpan LastTick(TimeSpan now) => TimeSpan.FromMilliseconds((long)now.TotalMilliseconds / 100 * 100);

    private void Start(
        HealthCheckOptions health, int backends = 1, int loops = 1, Func<BackendOptions, BackendOptions>? change = null)
    {
        Start(
            o => o with
            {
                Groups =
                [
                    o.Groups[0] with { Health = health, Backends = [.. o.Groups[0].Backends.Select(b => change?.Invoke(b) ?? b)] },
                ],
            },
            backends, loops: loops);
        foreach (SimServer backend in Bed.Backends)
        {
            backend.OnAccepted = peer => peer.OnReceived = p =>
            {
                if (_answer.Length > 0)
                {
                    p.Send(_answer);
                }
            };
        }
    }
}
