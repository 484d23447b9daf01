using L7Engine.Backends.Health;
using NUnit.Framework;

namespace L7Engine.Tests.Backends.Health;

[TestFixture]
internal sealed class CheckVerdictTests
{
    [Test]
    public void A_verdict_turns_with_the_last_check_of_the_row_and_not_before([Range(1, 4)] int fall)
    {
        var verdict = new CheckVerdict();

        for (int i = 1; i < fall; i++)
        {
            Assert.That((verdict.Take(false, 2, fall), verdict.IsDown), Is.EqualTo((false, false)));
        }

        Assert.That((verdict.Take(false, 2, fall), verdict.IsDown), Is.EqualTo((true, true)));
    }

    [Test]
    public void One_check_that_agrees_ends_the_row()
    {
        var verdict = new CheckVerdict();
        bool[] checks = [false, false, true, false, false, true];

        Assert.That(checks.Select(passed => verdict.Take(passed, 3, 3)), Has.All.False);
    }

    // The plainest thing that could be right: look back at the last checks each time.
    [Test]
    public void Any_history_turns_the_verdict_when_the_last_checks_all_speak_against_it([Random(20, Distinct = true)] int seed)
    {
        var random = new Random(seed);
        (int rise, int fall) = (random.Next(1, 5), random.Next(1, 5));
        var verdict = new CheckVerdict();
        var since = new List<bool>();
        bool isDown = false;

        for (int i = 0; i < 500; i++)
        {
            bool hasPassed = random.Next(3) > 0;
            since.Add(hasPassed);
            int needed = isDown ? rise : fall;
            bool turns = since.Count >= needed && since.TakeLast(needed).All(passed => passed == isDown);
            Assert.That(verdict.Take(hasPassed, rise, fall), Is.EqualTo(turns), $"seed {seed}, check {i}");
            if (turns)
            {
                isDown = !isDown;
                since.Clear();
            }

            Assert.That(verdict.IsDown, Is.EqualTo(isDown));
        }
    }
}
