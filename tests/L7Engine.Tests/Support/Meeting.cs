using System.Diagnostics;

namespace L7Engine.Tests.Support;

/// <summary>Two threads that do something at nearly the same moment, again and again.</summary>
/// <remarks>
/// They spin: what wakes a thread takes a thousand times as long as what is to meet. Where they have no processor each,
/// every round waits for the other's turn, and hardly one is a meeting: there they stop earlier.
/// </remarks>
internal sealed class Meeting
{
    private const int Rounds = 50_000;
    private const int Over = int.MaxValue;

    private static readonly TimeSpan Longest = TimeSpan.FromSeconds(10);

    private readonly Stopwatch _clock = Stopwatch.StartNew();
    private readonly Thread _other;
    private readonly Random _random;
    private int _begun;
    private int _done;

    /// <param name="other">What the other thread does each time.</param>
    public Meeting(int seed, Action other)
    {
        _random = new Random(seed);
        _other = new Thread(() =>
        {
            var random = new Random(~seed);
            for (int round = 1; Await(ref _begun, round) != Over; round++)
            {
                Dawdle(random);
                other();
                Volatile.Write(ref _done, round);
            }
        })
        {
            IsBackground = true,
        };
        _other.Start();
    }

    /// <summary>False when they have met often enough.</summary>
    public bool GoesOn => _begun < Rounds && _clock.Elapsed < Longest;

    /// <summary>Does something while the other thread does its part, and waits for that.</summary>
    public void Do(Action action)
    {
        int round = _begun + 1;
        Volatile.Write(ref _begun, round);
        Dawdle(_random);
        action();
        Await(ref _done, round);
    }

    public void Join()
    {
        Volatile.Write(ref _begun, Over);
        _other.Join();
    }

    /// <returns>The number, once it has the value or more.</returns>
    private static int Await(ref int number, int value)
    {
        for (int i = 1; ; i++)
        {
            if (Volatile.Read(ref number) is int read && read >= value)
            {
                return read;
            }

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
