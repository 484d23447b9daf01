using L7Engine.Backends.Retries;
using NUnit.Framework;

namespace L7Engine.Tests.Backends.Retries;

/// <summary>The budget beside lists of all that has happened, the plainest thing that could be right.</summary>
[TestFixture]
internal sealed class RetryBudgetTests
{
    private const int LoopCount = 3;

    [Test]
    public void Any_history_allows_what_the_lists_allow([Random(40, Distinct = true)] int seed)
    {
        var random = new Random(seed);
        var options = new RetryOptions { BudgetShare = random.Next(4) * 0.1, BudgetMinimum = random.Next(5) };
        var minimum = new RetryMinimum();
        RetryBudget[] budgets = [.. Enumerable.Range(0, LoopCount).Select(_ => new RetryBudget(minimum))];
        var requests = new List<(int Loop, long Second)>();
        var retries = new List<Retry>();
        long now = random.Next(100_000);

        for (int step = 0; step < 3_000; step++)
        {
            now += random.Next(20) switch { 0 => random.Next(15_000), < 5 => random.Next(300), _ => 0 };
            int loop = random.Next(LoopCount);
            long second = now / 1000;
            if (random.Next(3) > 0)
            {
                budgets[loop].CountRequest(now);
                requests.Add((loop, second));
                continue;
            }

            if (retries.Count > 0 && random.Next(4) == 0)
            {
                GiveBack(budgets, retries, random, now);
            }

            int recentRequests = requests.Count(r => r.Loop == loop && r.Second > second - RetryBudget.WindowSeconds);
            int recentRetries = retries.Count(r => r.Loop == loop && r.Second > second - RetryBudget.WindowSeconds);
            bool allowed = recentRetries + 1 <= options.BudgetShare * recentRequests
                || retries.Count(r => r.Second == second) < options.BudgetMinimum;

            Assert.That(budgets[loop].TryTake(now, options), Is.EqualTo(allowed), $"seed {seed}, step {step}");
            if (allowed)
            {
                retries.Add(new Retry(loop, now));
            }
        }
    }

    [Test]
    public void What_is_given_back_can_be_taken_again_in_that_second_and_is_no_gain_in_a_later_one()
    {
        var options = new RetryOptions { BudgetShare = 0, BudgetMinimum = 1 };
        var budget = new RetryBudget(new RetryMinimum());
        Assert.That(budget.TryTake(5_000, options));
        budget.GiveBack(5_000, 5_400);
        Assert.That(budget.TryTake(5_500, options));

        Assert.That(budget.TryTake(6_000, options));
        budget.GiveBack(5_500, 6_100);

        Assert.That(budget.TryTake(6_200, options), Is.False);
    }

    [Test]
    public void Three_a_second_are_within_it_whatever_the_loop_and_however_few_requests_there_are()
    {
        var minimum = new RetryMinimum();
        RetryBudget[] budgets = [.. Enumerable.Range(0, 8).Select(_ => new RetryBudget(minimum))];

        int taken = budgets.Count(budget => budget.TryTake(5_000, new RetryOptions()));

        Assert.That(taken, Is.EqualTo(3));
    }

    [Test]
    public void A_loop_that_is_behind_counts_in_the_second_of_the_others()
    {
        var minimum = new RetryMinimum();
        Assert.That(minimum.TryTake(second: 8, max: 2));
        Assert.That(minimum.TryTake(second: 7, max: 2));

        Assert.That(minimum.TryTake(second: 8, max: 2), Is.False);
        Assert.That(minimum.TryTake(second: 9, max: 2));
    }

    [Test]
    public void Zero_for_both_allows_none()
    {
        var budget = new RetryBudget(new RetryMinimum());
        for (int i = 0; i < 1_000; i++)
        {
            budget.CountRequest(1_000);
        }

        Assert.That(budget.TryTake(1_000, new RetryOptions { BudgetShare = 0, BudgetMinimum = 0 }), Is.False);
    }

    [Test]
    public void Loops_that_take_at_once_take_no_more_than_there_is()
    {
        var minimum = new RetryMinimum();
        int taken = 0;

        Parallel.For(0, 4, _ =>
        {
            for (int i = 0; i < 1_000; i++)
            {
                if (minimum.TryTake(second: 1, max: 1_500))
                {
                    Interlocked.Increment(ref taken);
                }
            }
        });

        Assert.That(taken, Is.EqualTo(1_500));
    }

    private static void GiveBack(RetryBudget[] budgets, List<Retry> retries, Random random, long now)
    {
        Retry retry = retries[^random.Next(1, Math.Min(retries.Count, 5) + 1)];
        retries.Remove(retry);
        budgets[retry.Loop].GiveBack(retry.TakenMilliseconds, now);
    }

    private readonly record struct Retry(int Loop, long TakenMilliseconds)
    {
        public long Second => TakenMilliseconds / 1000;
    }
}
