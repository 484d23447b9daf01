using L7Engine.EndToEnd.Tests.Support;
using NUnit.Framework;

namespace L7Engine.EndToEnd.Tests.Backends;

/// <summary>
/// One of several real backends fails in the middle of a steady load of GET and POST. No request that may be repeated
/// fails, and no POST is executed twice.
/// </summary>
/// <remarks>
/// A POST that a backend has when it fails gets 502 or 504: nobody can know whether it was executed. There are no more
/// of them than clients for each thing that fails.
/// </remarks>
[TestFixture]
[Platform("Linux")]
internal sealed class FailingBackendTests
{
    [Test]
    public async Task One_that_is_killed_costs_no_request_but_the_posts_that_it_has()
    {
        await using FailingBed bed = await FailingBed.StartAsync();

        await bed.FailAsync(bed.Victim.Process.Kill);
        await bed.Load.AnsweredAsync(5_000);

        SentRequest[] failed = await bed.EndAsync();
        AssertOnlyPostsFailed(failed, bed);
        Assert.That(bed.ExecutedTwice(), Is.Empty);
    }

    [Test]
    public async Task One_that_is_restarted_costs_no_request_but_the_posts_that_it_has_and_serves_again()
    {
        await using FailingBed bed = await FailingBed.StartAsync(WithShortEjections);

        await bed.FailAsync(bed.Victim.Process.Terminate);
        await bed.Victim.Process.ExitAsync();
        await bed.Load.AnsweredAsync(500);
        NginxProcess next = await bed.ReplaceVictimAsync();
        TimeSpan up = bed.SinceFailure;
        await SteadyLoad.UntilAsync(() => next.Executed.Count > 0, "the new one serves");
        TestContext.Out.WriteLine(FormattableString.Invariant(
            $"It was up after {up.TotalMilliseconds:F0} ms and served again {(bed.SinceFailure - up).TotalMilliseconds:F0} ms later."));
        await bed.Load.AnsweredAsync(1_000);

        SentRequest[] failed = await bed.EndAsync();
        AssertOnlyPostsFailed(failed, bed);
        Assert.That(bed.ExecutedTwice(), Is.Empty);
    }

    // Each client has one request at a time, which hangs until its timeout.
    [Test]
    public async Task One_that_hangs_costs_the_requests_that_it_has_their_timeout_and_none_once_it_is_found_down()
    {
        await using FailingBed bed = await FailingBed.StartAsync(WithChecks);

        await bed.FailAsync(bed.Victim.Process.Suspend);
        await SteadyLoad.UntilAsync(() => HealthOfVictim(bed) != BackendHealth.Up, "it is found down");
        TimeSpan found = bed.Load.Now;
        int most = bed.Load.ClientCount * (2 + (int)(bed.SinceFailure / FailingBed.ResponseTimeout));
        TestContext.Out.WriteLine(FormattableString.Invariant(
            $"It was {HealthOfVictim(bed)} after {bed.SinceFailure.TotalMilliseconds:F0} ms."));
        await bed.Load.AnsweredAsync(5_000);
        await ResumeAsync(bed);

        SentRequest[] failed = await bed.EndAsync();
        Assert.That(failed, Has.All.Property(nameof(SentRequest.Status)).EqualTo(504));
        Assert.That(failed, Has.Length.InRange(1, most));
        Assert.That(failed.Where(request => request.Began > found), Is.Empty, "none once it is known");
        Assert.That(bed.ExecutedTwice(), Is.Empty);
    }

    [Test]
    public async Task One_that_hangs_costs_no_request_that_may_be_repeated_where_the_route_repeats_after_a_timeout()
    {
        await using FailingBed bed = await FailingBed.StartAsync(WithShortEjections, new RouteOptions { RetryOnTimeout = true });

        await bed.FailAsync(bed.Victim.Process.Suspend);
        await SteadyLoad.UntilAsync(() => HealthOfVictim(bed) != BackendHealth.Up, "it is found down");
        await bed.Load.AnsweredAsync(5_000);
        await ResumeAsync(bed);

        SentRequest[] failed = await bed.EndAsync();
        AssertOnlyPostsFailed(failed, bed);
        Assert.That(bed.ExecutedTwice(), Is.Empty);
    }

    [Test]
    public async Task One_that_resets_what_it_accepts_costs_no_request_but_posts_until_it_is_ejected()
    {
        await using var further = new TurningBackend(stream =>
        {
            stream.Reset();
            return Task.CompletedTask;
        });
        await using FailingBed bed = await FailingBed.StartAsync(further: further);

        await FailUntilEjectedAsync(bed, further);

        SentRequest[] failed = await bed.EndAsync();
        AssertOnlyPostsFailed(failed, bed);
        Assert.That(bed.ExecutedTwice(), Is.Empty);
    }

    // Bytes of a response have come: such a request is not sent again unless its route says so.
    [Test]
    public async Task One_that_answers_garbage_costs_no_more_requests_than_it_takes_to_eject_it()
    {
        await using var further = new TurningBackend(stream => stream.SendAsync("\0garbage\r\n\r\n"));
        await using FailingBed bed = await FailingBed.StartAsync(further: further);

        await FailUntilEjectedAsync(bed, further);

        SentRequest[] failed = await bed.EndAsync();
        Assert.That(failed, Has.All.Property(nameof(SentRequest.Status)).EqualTo(502));
        Assert.That(failed, Has.Length.InRange(1, 2 * bed.Load.ClientCount));
        Assert.That(bed.ExecutedTwice(), Is.Empty);
    }

    [Test]
    public async Task One_that_answers_garbage_costs_no_request_that_may_be_repeated_where_the_route_repeats_then()
    {
        await using var further = new TurningBackend(stream => stream.SendAsync("\0garbage\r\n\r\n"));
        await using FailingBed bed = await FailingBed.StartAsync(
            route: new RouteOptions { RetryOnMalformed = true }, further: further);

        await FailUntilEjectedAsync(bed, further);

        SentRequest[] failed = await bed.EndAsync();
        AssertOnlyPostsFailed(failed, bed);
        Assert.That(bed.ExecutedTwice(), Is.Empty);
    }

    private static BackendGroupOptions WithChecks(BackendGroupOptions group) => group with
    {
        Health = new HealthCheckOptions
        {
            Path = NginxProcess.Hundred,
            Interval = TimeSpan.FromMilliseconds(500),
            Timeout = FailingBed.ResponseTimeout,
            Fall = 2,
            Rise = 2,
        },
        Ejection = new EjectionOptions { Enabled = false },
    };

    // What is ejected is tried again soon; a request that meets it then while it still hangs is one of those that wait.
    private static BackendGroupOptions WithShortEjections(BackendGroupOptions group) =>
        group with { Ejection = new EjectionOptions { BaseTime = TimeSpan.FromSeconds(2) } };

    private static BackendHealth HealthOfVictim(FailingBed bed) => bed.StatusOf(bed.Victim.Address).Health;

    private static async Task FailUntilEjectedAsync(FailingBed bed, TurningBackend further)
    {
        await bed.FailAsync(further.TurnBad);
        await SteadyLoad.UntilAsync(
            () => bed.StatusOf(further.Address).Health == BackendHealth.Ejected, "it is ejected");
        TestContext.Out.WriteLine(FormattableString.Invariant(
            $"It was ejected after {bed.SinceFailure.TotalMilliseconds:F0} ms and {further.BadCount} times."));
        await bed.Load.AnsweredAsync(5_000);
    }

    private static async Task ResumeAsync(FailingBed bed)
    {
        int before = bed.Victim.Executed.Count;
        bed.Victim.Process.Resume();
        TimeSpan resumed = bed.Load.Now;
        await SteadyLoad.UntilAsync(() => HealthOfVictim(bed) == BackendHealth.Up, "it is up again");
        long requests = bed.StatusOf(bed.Victim.Address).Requests;
        await SteadyLoad.UntilAsync(
            () => bed.StatusOf(bed.Victim.Address).Requests > requests, "it gets requests again");
        TestContext.Out.WriteLine(FormattableString.Invariant(
            $"It served again {(bed.Load.Now - resumed).TotalMilliseconds:F0} ms after it went on."));
        Assert.That(bed.Victim.Executed.Count, Is.AtLeast(before));
    }

    private static void AssertOnlyPostsFailed(SentRequest[] failed, FailingBed bed)
    {
        Assert.That(failed.Where(request => request.IsRepeatable), Is.Empty);
        Assert.That(failed, Has.Length.AtMost(2 * bed.Load.ClientCount));
    }
}
