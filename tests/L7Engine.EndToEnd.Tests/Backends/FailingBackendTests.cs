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
        await using FailingBed bed = await FailingBed.StartAsync();

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

    private static void AssertOnlyPostsFailed(SentRequest[] failed, FailingBed bed)
    {
        Assert.That(failed.Where(request => request.IsRepeatable), Is.Empty);
        Assert.That(failed, Has.Length.AtMost(2 * bed.Load.ClientCount));
    }
}
