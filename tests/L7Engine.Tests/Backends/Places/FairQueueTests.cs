using L7Engine.Backends;
using L7Engine.Backends.Places;
using L7Engine.Diagnostics;
using NUnit.Framework;

namespace L7Engine.Tests.Backends.Places;

/// <summary>Whose turn it is, against a plain oracle and against what fairness means.</summary>
[TestFixture]
internal sealed class FairQueueTests
{
    private static readonly BackendState Any = new();

    private readonly FairQueue _queue = new();

    [SetUp]
    public void Nothing_waits()
    {
        while (_queue.FindNext(Any) is { } request)
        {
            _queue.Take(request);
        }
    }

    [Test]
    public void Clients_have_their_turns_however_many_one_has()
    {
        Add("aaaabbc");

        Assert.That(TakeAll(), Is.EqualTo("abcabaa"));
    }

    [Test]
    public void A_client_that_comes_again_is_behind_those_who_wait()
    {
        Add("ab");
        string first = TakeOne();
        Add("a");

        Assert.That(first + TakeAll(), Is.EqualTo("aba"));
    }

    [Test]
    public void A_place_that_was_tried_is_for_the_next_client_and_takes_no_turn()
    {
        var tried = new BackendState();
        Add("a", tried);
        Add("b");

        Assert.That(TakeOne(tried), Is.EqualTo("b"));
        Assert.That((_queue.FindNext(tried), TakeOne()), Is.EqualTo(((QueuedRequest?)null, "a")));
    }

    [Test]
    public void A_place_is_of_use_again_once_somebody_comes_who_has_not_tried_it()
    {
        var tried = new BackendState();
        QueuedRequest[] requests = Add("aab", tried);
        Assert.That(_queue.FindNext(tried), Is.Null);

        Add("b");
        Assert.That(TakeOne(tried), Is.EqualTo("b"));
        Assert.That(_queue.FindNext(tried), Is.Null);
        _queue.Remove(requests[1]);

        Assert.That((_queue.FindNext(tried), TakeAll()), Is.EqualTo(((QueuedRequest?)null, "ab")));
    }

    [Test]
    public void Who_has_the_most_makes_room_with_its_newest_until_the_newcomer_has_its_share()
    {
        QueuedRequest[] requests = Add("aaaab");

        QueuedRequest? gone = _queue.TakeSurplus(KeyOf('b'));
        Add("b");

        Assert.That(gone, Is.SameAs(requests[3]));
        Assert.That(_queue.TakeSurplus(KeyOf('b')), Is.Null, "3 and 2: one more would be as many");
        Assert.That(_queue.TakeSurplus(KeyOf('c')), Is.SameAs(requests[2]));
    }

    // Everything that can be done, in any order; the oracle is a list that is searched from its start.
    [Test]
    public void It_does_what_a_plain_list_would([Range(1, 20)] int seed)
    {
        var random = new Random(seed);
        var oracle = new PlainQueue();
        BackendState[] backends = [new(), new(), new()];
        for (int step = 0; step < 3_000; step++)
        {
            Act(random, oracle, backends, growing: step / 500 % 2 == 0, triedShare: step / 1_000 % 3 * 0.45);

            string when = $"seed {seed}, step {step}";
            Assert.That((_queue.Count, _queue.ClientCount), Is.EqualTo((oracle.Count, oracle.ClientCount)), when);
            Assert.That(_queue.Longest, Is.EqualTo(oracle.Longest), when);
        }
    }

    // Two clients that both wait all the while are served equally often, give or take one, whoever else comes.
    [Test]
    public void Between_two_that_wait_nobody_is_ahead_by_more_than_one([Range(1, 10)] int seed)
    {
        var random = new Random(seed);
        Add(new string('a', 500) + new string('b', 300));
        int[] served = new int[2];
        while (_queue.CountOf(KeyOf('a')) > 0 && _queue.CountOf(KeyOf('b')) > 0)
        {
            Add(((char)('c' + random.Next(5))).ToString());
            string client = TakeOne();
            served[0] += client == "a" ? 1 : 0;
            served[1] += client == "b" ? 1 : 0;

            Assert.That(Math.Abs(served[0] - served[1]), Is.LessThanOrEqualTo(1), $"seed {seed}");
        }
    }

    private void Act(Random random, PlainQueue oracle, BackendState[] backends, bool growing, double triedShare)
    {
        BackendState backend = backends[random.Next(backends.Length)];
        int what = random.Next(10);
        if (what < (growing ? 7 : 3))
        {
            var request = RequestOf((char)('a' + random.Next(8)));
            foreach (BackendState tried in backends.Where(_ => random.NextDouble() < triedShare))
            {
                request.NoteTried(tried);
            }

            _queue.Add(request);
            oracle.Add(request);
        }
        else if (what < 8)
        {
            QueuedRequest? next = _queue.FindNext(backend);
            Assert.That(next, Is.SameAs(oracle.TakeNext(backend)));
            if (next is not null)
            {
                _queue.Take(next);
            }
        }
        else if (what == 8 && oracle.Any(random) is { } leaving)
        {
            _queue.Remove(leaving);
            oracle.Remove(leaving);
        }
        else if (what == 9)
        {
            ClientKey newcomer = KeyOf((char)('a' + random.Next(8)));
            QueuedRequest? surplus = _queue.TakeSurplus(newcomer);
            Assert.That(oracle.MayBeSurplus(surplus, newcomer));
            oracle.Remove(surplus);
        }
    }

    private static QueuedRequest RequestOf(char client) => new(() => true) { Client = KeyOf(client) };

    private static ClientKey KeyOf(char client) =>
        ClientKey.Of(PeerAddress.Of(0xFFFF_0000_0000 | (UInt128)client, port: 0), ipv6PrefixBits: 64);

    private QueuedRequest[] Add(string clients, BackendState? tried = null)
    {
        QueuedRequest[] requests = [.. clients.Select(RequestOf)];
        foreach (QueuedRequest request in requests)
        {
            if (tried is not null)
            {
                request.NoteTried(tried);
            }

            _queue.Add(request);
        }

        return requests;
    }

    private string TakeOne(BackendState? place = null)
    {
        QueuedRequest next = _queue.FindNext(place ?? Any)!;
        _queue.Take(next);
        return Enumerable.Range('a', 26).Select(c => (char)c).First(c => KeyOf(c) == next.Client).ToString();
    }

    private string TakeAll()
    {
        string taken = "";
        while (_queue.Count > 0)
        {
            taken += TakeOne();
        }

        return taken;
    }

    private sealed class PlainQueue
    {
        private readonly List<QueuedRequest> _requests = [];
        private readonly List<ClientKey> _turns = [];

        public int Count => _requests.Count;

        public int ClientCount => _turns.Count;

        public int Longest => _turns.Count == 0 ? 0 : _turns.Max(CountOf);

        public void Add(QueuedRequest request)
        {
            _requests.Add(request);
            if (!_turns.Contains(request.Client))
            {
                _turns.Add(request.Client);
            }
        }

        public QueuedRequest? TakeNext(BackendState backend)
        {
            foreach (ClientKey client in _turns)
            {
                if (_requests.Find(r => r.Client == client && !r.HasTried(backend)) is { } next)
                {
                    _turns.Remove(client);
                    _turns.Add(client);
                    Remove(next);
                    return next;
                }
            }

            return null;
        }

        public void Remove(QueuedRequest? request)
        {
            _requests.Remove(request!);
            _turns.RemoveAll(client => CountOf(client) == 0);
        }

        public QueuedRequest? Any(Random random) => Count == 0 ? null : _requests[random.Next(Count)];

        // Of those that have the most, any one may have to give way.
        public bool MayBeSurplus(QueuedRequest? request, ClientKey newcomer) => request is null
            ? Longest <= CountOf(newcomer) + 1
            : Longest > CountOf(newcomer) + 1 && CountOf(request.Client) == Longest
                && _requests.FindLast(r => r.Client == request.Client) == request;

        private int CountOf(ClientKey client) => _requests.Count(r => r.Client == client);
    }
}
