using L7Engine.Timing;
using NUnit.Framework;

namespace L7Engine.Tests.Timing;

/// <summary>The deadlines of a million connections, each beside the number that it has to run at.</summary>
[TestFixture]
internal sealed class TimerWheelScaleTests
{
    private const int Connections = 1_000_000;
    private const int IdleTicks = 75 * TimerWheel.TicksPerSecond;
    private const int RequestsPerTurn = 5_000;

    [Test]
    public void Of_a_million_none_is_early_or_later_than_the_turn_and_a_request_is_one_store()
    {
        const int seed = 1;
        var crowd = new Crowd(seed);
        for (int turn = 0; turn < 400; turn++)
        {
            crowd.AskSome(RequestsPerTurn);
            crowd.AdvanceAtRandom(turn);
        }

        crowd.IsComing = false;
        int runs = crowd.Runs;
        for (int tick = 0; tick < IdleTicks + 1; tick++)
        {
            crowd.Advance(1);
        }

        using (Assert.EnterMultipleScope())
        {
            Assert.That(crowd.Broken, Is.Empty, $"seed {seed}");
            Assert.That(crowd.MovedLinks, Is.Zero, "requests that cost more than a store");
            Assert.That(crowd.Runs - runs, Is.EqualTo(Connections), "each that asks no more ends once");
        }
    }

    private sealed class Crowd
    {
        private readonly TimerWheel _wheel = new(bucketCount: 1024, nowTick: 7);
        private readonly Connection[] _connections;
        private readonly long[] _dueTicks = new long[Connections];
        private readonly Random _random;
        private long _lastTick = 7;

        public Crowd(int seed)
        {
            _random = new Random(seed);
            _connections = [.. Enumerable.Range(0, Connections).Select(number => new Connection(this, number))];
            foreach (Connection connection in _connections)
            {
                Arm(connection, _random.Next(1, IdleTicks));
            }
        }

        public List<string> Broken { get; } = [];

        public int MovedLinks { get; private set; }

        public int Runs { get; private set; }

        /// <summary>Whether another one comes for each that ends.</summary>
        public bool IsComing { get; set; } = true;

        public void AskSome(int count)
        {
            for (int i = 0; i < count; i++)
            {
                Connection connection = _connections[_random.Next(Connections)];
                long linkedTick = connection.LinkedTick;
                Arm(connection, IdleTicks);
                MovedLinks += connection.LinkedTick == linkedTick ? 0 : 1;
            }
        }

        // Mostly tick by tick; at times the loop stalls for seconds, and once for longer than a turn of the wheel.
        public void AdvanceAtRandom(int turn) =>
            Advance(turn == 200 ? 2_500 : _random.Next(20) == 0 ? _random.Next(60) : 1);

        public void Advance(long ticks)
        {
            _wheel.AdvanceTo(_wheel.NowTick + ticks);
            _lastTick = _wheel.NowTick;
        }

        private void Arm(Connection connection, int ticks)
        {
            _dueTicks[connection.Number] = _wheel.TickAfter(ticks);
            _wheel.Arm(connection, _dueTicks[connection.Number]);
        }

        private void Ran(Connection connection)
        {
            Runs++;
            long due = _dueTicks[connection.Number];
            if (due > _wheel.NowTick || due <= _lastTick)
            {
                Broken.Add($"{connection.Number} was due at {due} and ran between {_lastTick} and {_wheel.NowTick}");
            }

            _dueTicks[connection.Number] = TimerWheel.Never;
            if (IsComing)
            {
                Arm(connection, IdleTicks);
            }
        }

        private sealed class Connection(Crowd crowd, int number) : TimerEntry
        {
            public int Number => number;

            protected internal override void OnDue() => crowd.Ran(this);
        }
    }
}
