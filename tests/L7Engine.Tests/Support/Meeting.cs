namespace L7Engine.Tests.Support;

/// <summary>Two threads that do something at nearly the same moment, again and again.</summary>
/// <remarks>They spin: what wakes a thread takes a thousand times as long as what is to meet.</remarks>
internal sealed class Meeting
{
    private readonly Thread _other;
    private readonly Random _random;
    private int _begun;
    private int _done;

    /// <param name="rounds">How often they meet: as often, <see cref="Do"/> must be called.</param>
    /// <param name="other">What the other thread does each time.</param>
    public Meeting(int rounds, int seed, Action other)
    {
        _random = new Random(seed);
        _other = new Thread(() =>
        {
            var random = new Random(~seed);
            for (int round = 1; round <= rounds; round++)
            {
                Await(ref _begun, round);
                Dawdle(random);
                other();
                Volatile.Write(ref _done, round);
            }
        });
        _other.Start();
    }

    /// <summary>Does something while the other thread does its part, and waits for that.</summary>
    public void Do(Action action)
    {
        int round = _begun + 1;
        Volatile.Write(ref _begun, round);
        Dawdle(_random);
        action();
        Await(ref _done, round);
    }

    public void Join() => _other.Join();

    private static void Await(ref int number, int value)
    {
        for (int i = 1; Volatile.Read(ref number) < value; i++)
        {
            if (i % 10_000 == 0)
            {
                Thread.Yield();
            }
        }
    }

    private static void Dawdle(Random random)
    {
        int steps = random.Next(100);
        for (int i = 0; i < steps; i++)
        {
            Volatile.Read(ref steps);
        }
    }
}
