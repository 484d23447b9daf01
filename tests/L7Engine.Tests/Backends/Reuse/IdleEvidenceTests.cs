using L7Engine.Backends.Reuse;
using NUnit.Framework;

namespace L7Engine.Tests.Backends.Reuse;

/// <summary>When a backend closes idle connections, from what was seen of it.</summary>
[TestFixture]
internal sealed class IdleEvidenceTests
{
    private long _now;
    private int _requests;
    private IdleEvidence _evidence = null!;

    [SetUp]
    public void Begin() => (_now, _requests, _evidence) = (5_000_000, 0, new IdleEvidence());

    [Test]
    public void Any_history_leads_where_a_look_at_all_of_it_leads([Random(60, Distinct = true)] int seed)
    {
        var random = new Random(seed);
        var plain = new PlainIdleEvidence();
        long deadline = random.Next(200, 20_000);
        int known = 0;
        for (int second = 0; second < 1_500; second++)
        {
            for (int i = random.Next(4); i > 0 && random.Next(3) == 0; i--)
            {
                IdleClose close = CloseAtRandom(random, deadline);
                _evidence.AddClose(close);
                plain.AddClose(close);
            }

            if (random.Next(20) == 0)
            {
                (long at, long age) = (_now + random.Next(1_000), random.NextInt64((long)(deadline * 1.02)));
                _evidence.AddUse(at, age);
                plain.AddUse(at, age);
            }

            _now += 1_000;
            _evidence.Conclude(_now);
            deadline = random.Next(300) == 0 ? random.Next(200, 20_000) : deadline;
            known += _evidence.Learned > 0 ? 1 : 0;

            Assert.That(_evidence.Learned, Is.EqualTo(plain.LearnedAt(_now)), $"seed {seed}, second {second}");
        }

        Assert.That(known, Is.GreaterThan(0), $"seed {seed}: nothing was ever learned");
    }

    // Whatever is seen of it: ages as they would be with a round trip that swings, and uses that went well.
    [Test]
    public void What_is_learned_of_a_backend_with_one_deadline_is_about_that_deadline([Random(60, Distinct = true)] int seed)
    {
        var random = new Random(seed);
        long deadline = random.Next(1_000, 60_000);
        long swing = Math.Min(100, deadline / 25);
        for (int second = 0; second < 2_000; second++)
        {
            if (random.Next(10) == 0)
            {
                Close(deadline + random.NextInt64(-swing / 2, swing / 2), random.Next(1, 1_000));
            }

            if (random.Next(10) == 0)
            {
                _evidence.AddUse(_now + random.Next(1_000), random.NextInt64(deadline - swing));
            }

            _now += 1_000;
            _evidence.Conclude(_now);

            Assert.That(_evidence.Learned == 0 || Math.Abs(_evidence.Learned - deadline) <= swing, $"seed {seed}: {_evidence.Learned} for {deadline}");
        }

        Assert.That(_evidence.Learned, Is.Not.Zero, $"seed {seed}");
    }

    [Test]
    public void Two_closes_say_nothing_and_a_third_of_about_the_same_age_does()
    {
        Close(5_000, 1, 700);
        Close(5_300, 2, 700);
        Assert.That(Learned(), Is.Zero);
        Close(5_350, 3, 700);

        Assert.That(Learned(), Is.EqualTo(5_000));
    }

    [Test]
    public void Ages_that_are_further_apart_than_a_twentieth_and_a_tenth_of_a_second_are_not_one_deadline()
    {
        Close(5_000, 1, 700);
        Close(5_351, 2, 700);
        Close(5_351, 3, 700);

        Assert.That(Learned(), Is.Zero);
    }

    [Test]
    public void What_follows_the_response_at_once_is_not_for_being_idle()
    {
        for (int i = 0; i < 10; i++)
        {
            Close(99, i, 700);
        }

        Assert.That(Learned(), Is.Zero);
    }

    [Test]
    public void A_restart_says_nothing_of_a_deadline()
    {
        Close(1_000, 1, 10);
        Close(1_010, 2, 10);
        Close(1_020, 3, 10);
        Close(4_000, 4, 10);

        Assert.That(Learned(), Is.Zero);
    }

    [Test]
    public void Connections_that_were_all_used_at_once_and_end_at_once_do()
    {
        for (int i = 0; i < 50; i++)
        {
            Close(5_000, i, 1);
        }

        Assert.That(Learned(), Is.EqualTo(5_000));
    }

    [Test]
    public void A_limit_of_requests_says_nothing_of_a_deadline([Values] bool wasTaken)
    {
        Close(300, 99, 700, wasTaken);
        Close(900, 99, 700, wasTaken);
        for (int i = 0; i < 20; i++)
        {
            Close(wasTaken ? 2_000 : 500 * (1 + (i % 7)), 100, 700, wasTaken);
        }

        Assert.That(Learned(), Is.Zero);
    }

    [Test]
    public void Connections_that_serve_one_request_each_teach_all_the_same()
    {
        for (int i = 0; i < 5; i++)
        {
            Close(5_000, 1, 700);
        }

        Assert.That(Learned(), Is.EqualTo(5_000));
    }

    [Test]
    public void A_later_success_at_a_greater_age_refutes_it()
    {
        Learn(5_000, 3);
        _evidence.AddUse(_now, 5_000);

        Assert.That(Learned(), Is.Zero);
    }

    [Test]
    public void After_a_success_it_takes_more_closes_to_believe_in_less_and_ten_minutes_later_it_does_not()
    {
        _evidence.AddUse(_now, 9_000);
        Learn(5_000, 7);
        Assert.That(Learned(), Is.Zero);
        Learn(5_000, 1);
        Assert.That(Learned(), Is.EqualTo(5_000));

        _evidence.Forget();
        _evidence.AddUse(_now, 9_000);
        Learn(5_000, 3);
        Assert.That(Learned(), Is.Zero);
        _now += 660_000;
        Assert.That(Learned(), Is.EqualTo(5_000));
    }

    [Test]
    public void What_the_backend_announces_holds_at_once_and_less_that_is_seen_wins()
    {
        _evidence.Announce(_now, 5_000);
        _evidence.Conclude(_now);
        Assert.That((_evidence.Deadline, _evidence.Learned), Is.EqualTo((5_000, 0)));

        Learn(3_000, 3);
        Learned();
        Assert.That(_evidence.Deadline, Is.EqualTo(3_000));

        _evidence.Forget();
        Learn(8_000, 3);
        _evidence.Announce(_now, 5_000);
        Learned();
        Assert.That((_evidence.Deadline, _evidence.Learned), Is.EqualTo((5_000, 8_000)));
    }

    [Test]
    public void What_is_announced_no_more_holds_for_ten_minutes()
    {
        _evidence.Announce(_now, 5_000);
        _evidence.Conclude(_now + 600_000);
        Assert.That(_evidence.Deadline, Is.EqualTo(5_000));
        _evidence.Conclude(_now + 600_001);

        Assert.That(_evidence.Deadline, Is.Zero);
    }

    [Test]
    public void Nothing_is_left_when_all_is_forgotten()
    {
        Learn(5_000, 2);
        Learned();
        Close(5_000, 7, 700);
        _evidence.Forget();

        Assert.That((Learned(), _evidence.HasWaiting), Is.EqualTo((0L, false)));
        Learn(5_000, 2);
        Assert.That(Learned(), Is.Zero);
    }

    [Test]
    public void More_closes_at_a_time_than_are_looked_at_are_left_out()
    {
        for (int i = 0; i < 10 * IdleEvidence.MaxWaiting; i++)
        {
            Close(1_000 + i, i);
        }

        Assert.That(Learned(), Is.Zero);
        Assert.That(_evidence.HasWaiting, Is.False);
    }

    private IdleClose CloseAtRandom(Random random, long deadline)
    {
        long age = random.Next(4) == 0 ? random.NextInt64(2 * deadline) : deadline + random.NextInt64(-60, 60);
        int count = random.Next(2) == 0 ? 100 : random.Next(1, 4);
        return new IdleClose(_now + random.Next(1_000), Math.Max(0, age), count, random.Next(5) == 0);
    }

    private void Learn(long age, int times)
    {
        for (int i = 0; i < times; i++)
        {
            Close(age, ++_requests, 700);
        }
    }

    private void Close(long age, int requests, long pause = 0, bool wasTaken = false)
    {
        _evidence.AddClose(new IdleClose(_now, age, requests, wasTaken));
        _now += pause;
    }

    private long Learned()
    {
        _now += 2_000;
        _evidence.Conclude(_now);
        return _evidence.Learned;
    }
}
