using NUnit.Framework;

namespace L7Engine.Tests.Backends.Health;

/// <summary>Groups that live through anything, beside the rules as they are written: looked up in all that happened.
/// </summary>
[TestFixture]
internal sealed class HealthLivesTests
{
    private const int Steps = 1_500;

    [Test]
    public void Any_life_of_a_group_is_what_the_rules_make_of_it([Random(40, Distinct = true)] int seed)
    {
        var random = new Random(seed);
        var life = new Life(random);

        for (int step = 0; step < Steps; step++)
        {
            string did = life.Act();
            Assert.That(life.Real, Is.EqualTo(life.Expected), $"seed {seed}, step {step}: {did}");
        }
    }

    private sealed class Life
    {
        private readonly Random _random;
        private readonly HealthBed _bed;
        private readonly Member[] _members;
        private readonly HealthCheckOptions _check;
        private readonly EjectionOptions _ejection;

        public Life(Random random)
        {
            _random = random;
            _check = new HealthCheckOptions { Path = "/", Rise = random.Next(1, 4), Fall = random.Next(1, 4) };
            _ejection = new EjectionOptions
            {
                ConsecutiveFailures = random.Next(1, 5),
                FailureRate = 0,
                BaseTime = TimeSpan.FromSeconds(random.Next(1, 4)),
                MaxTime = TimeSpan.FromSeconds(random.Next(4, 40)),
                MaxShare = random.NextDouble(),
            };
            int count = random.Next(1, 6);
            int[] weights = [.. Enumerable.Range(0, count).Select(_ => random.Next(6) == 0 ? 0 : 1)];
            _bed = new HealthBed(count, o => o with { Health = _check, Ejection = _ejection }, weights);
            _members = [.. weights.Select(w => new Member { Weight = w })];
        }

        public string Real => $"{string.Join(' ', _bed.Healths)} {_bed.Takes} {_bed.Group.FailsOpen}";

        public string Expected => $"{string.Join(' ', _members.Select(m => m.Health))} " +
            $"{string.Concat(_members.Select(m => Takes(m) ? '+' : '-'))} {FailsOpen}";

        private bool FailsOpen => _members.Any(m => m.IsEligible) && !_members.Any(m => m is { IsEligible: true, Health: BackendHealth.Up });

        private long Base => (long)_ejection.BaseTime.TotalMilliseconds;

        private long Most => (long)_ejection.MaxTime.TotalMilliseconds;

        public string Act()
        {
            string did = ActOnce();
            foreach (Member member in _members.Where(m => m.IsDrained || FailsOpen))
            {
                // Nobody tries it any more: the next trial is a new one.
                (member.IsTried, member.TriedSince) = (false, -1);
            }

            return did;
        }

        private string ActOnce()
        {
            int i = _random.Next(_members.Length);
            switch (_random.Next(12))
            {
                case 0:
                    bool isDrained = _random.Next(3) == 0;
                    _bed.Group.TryDrain(_bed[i], isDrained, _bed.Now);
                    _members[i].IsDrained = isDrained;
                    return $"drain {i} {isDrained}";
                case < 4:
                    bool hasPassed = _random.Next(5) > 1;
                    _bed.Check(i, hasPassed);
                    Check(_members[i], hasPassed);
                    return $"check {i} {hasPassed}";
                case < 6:
                    int tenths = _random.Next(1, 60);
                    _bed.Run(TimeSpan.FromMilliseconds(tenths * 100));
                    Pass(_bed.Now - (tenths * 100));
                    return $"time {tenths}";
                default:
                    return Request(i, fails: _random.Next(5) > 1);
            }
        }

        private string Request(int i, bool fails)
        {
            Member member = _members[i];
            bool entered = _bed[i].TryEnter(out bool isTrial);
            bool isTrialExpected = !FailsOpen && member is { IsDrained: false, Health: BackendHealth.Trial, IsTried: false };
            Assert.That((entered, isTrial), Is.EqualTo((Enters(member), isTrialExpected)));
            if (!entered)
            {
                return $"nobody gets into {i}";
            }

            member.IsTried |= isTrial;
            int outcome = fails ? 0 : isTrial && _random.Next(3) == 0 ? 2 : 1;
            if (outcome == 0)
            {
                _bed[i].ReportFailure(RequestFailure.Closed, isTrial, _bed.Now);
                Fail(member, isTrial);
            }
            else if (outcome == 1)
            {
                _bed[i].ReportResponse(200, isTrial, _bed.Now);
                Succeed(member);
            }
            else if (_random.Next(2) == 0)
            {
                _bed[i].GiveTrialBack();
                member.IsTried = false;
            }
            else
            {
                member.TriedSince = -1;
            }

            return $"request {i}, trial {isTrial}, outcome {outcome}";
        }

        // Whatever its weight: what is bound to it may enter.
        private bool Enters(Member member) => !member.IsDrained
            && (FailsOpen || member.Health == BackendHealth.Up || member is { Health: BackendHealth.Trial, IsTried: false });

        private bool Takes(Member member) => member.IsEligible && Enters(member);

        private void Check(Member member, bool hasPassed)
        {
            bool wasDown = member.IsFoundDown;
            member.Checks.Add(hasPassed);
            int needed = wasDown ? _check.Rise : _check.Fall;
            if (member.Checks.Count < needed || member.Checks.TakeLast(needed).Any(passed => passed != wasDown))
            {
                return;
            }

            member.IsFoundDown = !wasDown;
            member.Checks.Clear();
            bool isStillOut = wasDown && member.EndsAt > _bed.Now;
            Move(member, !wasDown ? BackendHealth.Down : isStillOut ? BackendHealth.Ejected : BackendHealth.Up);
        }

        private void Fail(Member member, bool isTrial)
        {
            member.Consecutive++;
            int ejected = _members.Count(m => m.Health is BackendHealth.Ejected or BackendHealth.Trial);
            bool mayBe = member is { Health: BackendHealth.Up, IsDrained: false } && member.Consecutive >= _ejection.ConsecutiveFailures
                && ejected < (int)(_ejection.MaxShare * _members.Count(m => m.IsEligible))
                && _members.Any(m => m != member && m is { IsEligible: true, Health: BackendHealth.Up });
            if (!isTrial && !mayBe)
            {
                return;
            }

            member.Ejections.Add(isTrial ? 0 : _bed.Now - member.ServesSince);
            member.EndsAt = _bed.Now + LastsNow(member);
            Move(member, BackendHealth.Ejected);
        }

        // From the first ejection on, each time anew.
        private long LastsNow(Member member)
        {
            long power = 0;
            long lasts = 0;
            foreach (long served in member.Ejections)
            {
                long left = served;
                for (long price = lasts; power > 0 && left >= price; price = Math.Max(price / 2, Base))
                {
                    left -= price;
                    power--;
                }

                lasts = Math.Min(Base * (1L << (int)power), Most);
                power += lasts < Most ? 1 : 0;
            }

            return lasts;
        }

        private void Succeed(Member member)
        {
            member.Consecutive = 0;
            if (member.Health == BackendHealth.Trial)
            {
                Move(member, BackendHealth.Up);
            }
        }

        private void Pass(long from)
        {
            for (long now = from + 100; now <= _bed.Now; now += 100)
            {
                foreach (Member member in _members)
                {
                    if (member is { Health: BackendHealth.Trial, IsTried: true, IsDrained: false } && !FailsOpen)
                    {
                        member.TriedSince = member.TriedSince < 0 ? now : member.TriedSince;
                        member.IsTried = now - member.TriedSince < Base;
                        member.TriedSince = member.IsTried ? member.TriedSince : -1;
                    }
                    else if (member.Health == BackendHealth.Ejected && now >= member.EndsAt)
                    {
                        Move(member, BackendHealth.Trial);
                        (member.Consecutive, member.IsTried, member.TriedSince) = (0, false, -1);
                    }
                }
            }
        }

        private void Move(Member member, BackendHealth health)
        {
            member.Consecutive = member.Health == BackendHealth.Trial && health == BackendHealth.Up ? 0 : member.Consecutive;
            member.ServesSince = health == BackendHealth.Up ? _bed.Now : member.ServesSince;
            member.Health = health;
        }
    }

    private sealed class Member
    {
        public int Weight { get; init; }

        public BackendHealth Health { get; set; }

        public bool IsDrained { get; set; }

        public bool IsFoundDown { get; set; }

        public List<bool> Checks { get; } = [];

        public int Consecutive { get; set; }

        public List<long> Ejections { get; } = [];

        public long EndsAt { get; set; }

        public long ServesSince { get; set; }

        public bool IsTried { get; set; }

        public long TriedSince { get; set; } = -1;

        public bool IsEligible => Weight > 0 && !IsDrained;
    }
}
