using L7Engine.Timing;
using NUnit.Framework;

namespace L7Engine.Tests.Timing;

/// <summary>The wheel beside a sorted list of (due tick, entry), the plainest thing that could be right.</summary>
[TestFixture]
internal sealed class TimerWheelOracleTests
{
    private const int EntryCount = 40;
    private const int StepCount = 400;

    [Test]
    public void Any_history_runs_what_a_sorted_list_would([Random(40, Distinct = true)] int seed)
    {
        var world = new World(seed);

        for (int step = 0; step < StepCount; step++)
        {
            world.ActAtRandom(actionCount: 6);
            world.AdvanceAtRandom();

            Assert.That(world.Broken, Is.Empty, $"seed {seed}, step {step}");
        }
    }

    private sealed class World
    {
        private readonly SortedSet<(long DueTick, int Number)> _oracle = [];
        private readonly List<Actor> _actors = [];
        private readonly TimerWheel _wheel = new(bucketCount: 16, nowTick: 5);
        private readonly Random _random;

        public World(int seed)
        {
            _random = new Random(seed);
            for (int number = 0; number < EntryCount; number++)
            {
                _actors.Add(new Actor(this, number));
            }
        }

        public List<string> Broken { get; } = [];

        public void ActAtRandom(int actionCount)
        {
            for (int i = _random.Next(actionCount); i > 0; i--)
            {
                Actor actor = _actors[_random.Next(EntryCount)];
                switch (_random.Next(5))
                {
                    case 0:
                        Forget(actor);
                        _wheel.Arm(actor, TimerWheel.Never);
                        break;
                    case 1:
                        Forget(actor);
                        _wheel.Remove(actor);
                        break;
                    default:
                        Arm(actor, _wheel.NowTick + _random.Next(-2, 60));
                        break;
                }
            }
        }

        public void AdvanceAtRandom()
        {
            // Mostly tick by tick; at times more than a turn, as after a stall.
            long ticks = _random.Next(10) == 0 ? _random.Next(100) : _random.Next(4);
            _wheel.AdvanceTo(_wheel.NowTick + ticks);

            Broken.AddRange(_oracle.Where(e => e.DueTick <= _wheel.NowTick).Select(e => $"{e} did not run"));
            Broken.AddRange(_actors.Where(a => a.DueTick != DueTickOf(a)).Select(a => $"{a.Number} has another due tick"));
            Broken.AddRange(_actors.Where(IsLost).Select(a => $"{a.Number} is linked too late or not at all"));
            if (_wheel.Count != _actors.Count(a => a.IsScheduled))
            {
                Broken.Add($"Count is {_wheel.Count}");
            }
        }

        private static bool IsLost(Actor actor) =>
            actor.DueTick != TimerWheel.Never && !(actor.IsScheduled && actor.LinkedTick <= actor.DueTick);

        private void Arm(Actor actor, long dueTick)
        {
            Forget(actor);
            _oracle.Add((Math.Max(dueTick, _wheel.NowTick + 1), actor.Number));
            _wheel.Arm(actor, dueTick);
        }

        private void Forget(Actor actor) => _oracle.RemoveWhere(e => e.Number == actor.Number);

        private long DueTickOf(Actor actor) =>
            _oracle.Where(e => e.Number == actor.Number).Select(e => e.DueTick).SingleOrDefault(TimerWheel.Never);

        private void Ran(Actor actor)
        {
            if (DueTickOf(actor) > _wheel.NowTick)
            {
                Broken.Add($"{actor.Number} ran early or after it was cancelled");
            }

            Forget(actor);
            ActAtRandom(actionCount: 4);
        }

        private sealed class Actor(World world, int number) : TimerEntry
        {
            public int Number => number;

            protected internal override void OnDue() => world.Ran(this);
        }
    }
}
