using System.Net;
using L7Engine.Clients;
using L7Engine.Diagnostics;
using NUnit.Framework;

namespace L7Engine.Tests.Clients;

/// <summary>Which connection goes first. Time and closing are not its business.</summary>
[TestFixture]
[FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
internal sealed class FairEvictionTests
{
    private readonly EvictionBoard _board = new(loops: 2);
    private readonly FairEviction _fairness;

    public FairEvictionTests() => _fairness = new FairEviction(_board, loop: 0, slots: 4);

    [Test]
    public void Nothing_is_next_while_all_carry_an_exchange()
    {
        Add(slot: 0, client: 1, ClientState.Exchanging);
        Add(slot: 1, client: 1, ClientState.Tunnelling);

        Assert.That(_fairness.Next, Is.EqualTo(-1));
    }

    [Test]
    public void The_client_with_the_most_is_next_and_of_its_connections_the_oldest()
    {
        Add(slot: 0, client: 1, ClientState.Idle);
        Add(slot: 1, client: 2, ClientState.Idle);
        Add(slot: 2, client: 2, ClientState.Accepted);

        Assert.That((_fairness.Next, _fairness.IsNextAnOnlyOne), Is.EqualTo((1, false)));
    }

    [Test]
    public void A_head_that_is_not_complete_counts_as_much_as_a_quiet_connection_but_goes_after_it()
    {
        Add(slot: 0, client: 1, ClientState.Idle);
        Add(slot: 1, client: 2, ClientState.ReadingHead);
        Add(slot: 2, client: 2, ClientState.ReadingHead);
        Add(slot: 3, client: 2, ClientState.Idle);

        Assert.That(EndAll(), Is.EqualTo((int[])[3, 1, 0, 2]));
    }

    [Test]
    public void What_lingers_goes_before_all_others_whosever_it_is()
    {
        Add(slot: 0, client: 2, ClientState.Idle);
        Add(slot: 1, client: 2, ClientState.Idle);
        Add(slot: 2, client: 1, ClientState.Exchanging);
        _fairness.Move(2, ClientState.Lingering);

        Assert.That((_fairness.Next, _fairness.IsNextAnOnlyOne), Is.EqualTo((2, false)));
    }

    [Test]
    public void Clients_with_as_many_take_turns()
    {
        for (int i = 0; i < 6; i++)
        {
            Add(slot: i, client: i % 2, ClientState.Idle);
        }

        Assert.That(EndAll(), Is.EqualTo((int[])[0, 1, 2, 3, 4, 5]));
    }

    [Test]
    public void A_connection_that_was_used_in_between_is_the_youngest()
    {
        Add(slot: 0, client: 1, ClientState.Idle);
        Add(slot: 1, client: 1, ClientState.Idle);
        _fairness.Move(0, ClientState.Exchanging);
        _fairness.Move(0, ClientState.Idle);

        Assert.That(_fairness.Next, Is.EqualTo(1));
    }

    [Test]
    public void What_was_told_to_close_and_was_not_is_in_again()
    {
        Add(slot: 0, client: 1, ClientState.Idle);
        _fairness.End(0);
        Assert.That((_fairness.Next, _board.Ending), Is.EqualTo((-1, 1)));

        _fairness.Move(0, ClientState.Exchanging);
        _fairness.Move(0, ClientState.Idle);

        Assert.That((_fairness.Next, _board.Ending), Is.EqualTo((0, 0)));
    }

    [Test]
    public void The_only_ones_of_a_loop_have_to_wait_while_another_has_or_may_have_two_of_a_client()
    {
        Assert.That(_board.MayTakeOnlyOnes(0), Is.False, "nobody knows what the other has");

        var other = new FairEviction(_board, loop: 1, slots: 4);
        Assert.That(_board.MayTakeOnlyOnes(0), "it has nothing");
        other.Add(0, KeyOf(1), ClientState.Idle);
        other.Add(1, KeyOf(1), ClientState.Idle);
        Assert.That((_board.MayTakeOnlyOnes(0), _board.MayTakeOnlyOnes(1)), Is.EqualTo((false, true)));
        other.End(0);
        Assert.That(_board.MayTakeOnlyOnes(0), "it has one of each");
        _board.Hide(1);
        Assert.That((_board.MayTakeOnlyOnes(0), _board.Ending), Is.EqualTo((false, 0)));
    }

    // Beside a list that is searched from end to end: the plainest thing that could be right.
    [Test]
    public void Any_history_closes_what_a_search_of_all_connections_would([Random(20, Distinct = true)] int seed)
    {
        var random = new Random(seed);
        var oracle = new Oracle();
        for (int step = 0; step < 1_000; step++)
        {
            // Times of coming and times of going: rings and lists are to empty, too.
            bool grows = step / 200 % 2 == 0;
            if (random.Next(100) < (grows ? 25 : 5) || oracle.Count == 0)
            {
                int slot = oracle.FreeSlot();
                int client = random.Next(1 + random.Next(30));
                ClientState state = random.Next(4) == 0 ? ClientState.Exchanging : ClientState.Accepted;
                oracle.Add(slot, client, state);
                _fairness.Add(slot, KeyOf(client), state);
            }
            else if (random.Next(100) < (grows ? 10 : 30) && oracle.Next() is >= 0 and var next)
            {
                oracle.End(next);
                _fairness.End(next);
            }
            else
            {
                int slot = oracle.AnySlot(random);
                ClientState[] states = [.. Enum.GetValues<ClientState>().Where(to => oracle.StateOf(slot).CanMoveTo(to))];
                ClientState state = grows && random.Next(4) > 0 ? states[0] : states[random.Next(states.Length)];
                oracle.Move(slot, state);
                _fairness.Move(slot, state);
            }

            Assert.That(
                (_fairness.Next, _fairness.IsNextAnOnlyOne, _board.Ending),
                Is.EqualTo((oracle.Next(), oracle.IsNextAnOnlyOne(), oracle.EndingCount)),
                $"seed {seed}, step {step}");
        }
    }

    [Test]
    public void A_client_with_one_connection_never_loses_it_while_another_has_two([Random(20, Distinct = true)] int seed)
    {
        var random = new Random(seed);
        var held = new Dictionary<int, int>();
        int[] clientOf = new int[500];
        for (int slot = 0; slot < clientOf.Length; slot++)
        {
            clientOf[slot] = random.Next(100) < 60 ? 0 : random.Next(1, 200);
            held[clientOf[slot]] = held.GetValueOrDefault(clientOf[slot]) + 1;
            Add(slot, clientOf[slot], random.Next(2) == 0 ? ClientState.Idle : ClientState.ReadingHead);
        }

        while (_fairness.Next is >= 0 and var slot)
        {
            int most = held.Values.Max();
            Assert.That(held[clientOf[slot]], Is.EqualTo(most), $"seed {seed}");
            Assert.That(_fairness.IsNextAnOnlyOne, Is.EqualTo(most == 1), $"seed {seed}");
            held[clientOf[slot]]--;
            _fairness.End(slot);
        }

        Assert.That(held.Values, Is.All.Zero);
    }

    [Test]
    public void Among_half_a_million_clients_with_one_a_hoarder_of_half_a_million_pays_for_all()
    {
        const int Half = 500_000;
        int surprises = 0;
        for (int slot = 0; slot < 2 * Half; slot++)
        {
            _fairness.Add(slot, KeyOf(slot % 2 == 0 ? -1 : slot), ClientState.Idle);
        }

        for (int i = 0; i < Half - 1; i++)
        {
            surprises += _fairness.Next == 2 * i && !_fairness.IsNextAnOnlyOne ? 0 : 1;
            _fairness.End(2 * i);
        }

        Assert.That((surprises, _fairness.IsNextAnOnlyOne, _board.Ending), Is.EqualTo((0, true, Half - 1)));
    }

    private static ClientKey KeyOf(int client) =>
        ClientKey.Of(PeerAddress.Of(new IPEndPoint(0x7F00_0000L + client, 0)), 64);

    private void Add(int slot, int client, ClientState state) => _fairness.Add(slot, KeyOf(client), state);

    private int[] EndAll()
    {
        var order = new List<int>();
        while (_fairness.Next is >= 0 and var slot)
        {
            _fairness.End(slot);
            order.Add(slot);
        }

        return [.. order];
    }

    /// <summary>Connections in the order in which they became what they are, and clients in that of their counts.</summary>
    private sealed class Oracle
    {
        private readonly List<(int Slot, int Client, ClientState State, bool IsEnding)> _connections = [];
        private readonly List<int> _clients = [];

        public int Count => _connections.Count;

        public int EndingCount => _connections.Count(c => c.IsEnding);

        public int FreeSlot() => Enumerable.Range(0, Count + 1).First(slot => _connections.All(c => c.Slot != slot));

        public int AnySlot(Random random) => _connections[random.Next(Count)].Slot;

        public ClientState StateOf(int slot) => _connections.Find(c => c.Slot == slot).State;

        public void Add(int slot, int client, ClientState state) => Put(slot, client, state, isEnding: false);

        public void Move(int slot, ClientState state)
        {
            int client = _connections.Find(c => c.Slot == slot).Client;
            Put(slot, client, state, isEnding: false);
            _connections.RemoveAll(c => c.State == ClientState.Closed);
        }

        public void End(int slot)
        {
            (_, int client, ClientState state, _) = _connections.Find(c => c.Slot == slot);
            Put(slot, client, state, isEnding: true);
        }

        public int Next()
        {
            var lingering = _connections.FindAll(c => !c.IsEnding && c.State == ClientState.Lingering);
            if (lingering.Count > 0)
            {
                return lingering[0].Slot;
            }

            int top = Top();
            int client = _clients.Find(c => Held(c) == top);
            return top == 0 ? -1 : _connections.Where(c => c.Client == client && Counts(c.State, c.IsEnding))
                .OrderBy(c => c.State == ClientState.ReadingHead).First().Slot;
        }

        public bool IsNextAnOnlyOne() => Top() == 1
            && !_connections.Exists(c => !c.IsEnding && c.State == ClientState.Lingering);

        private static bool Counts(ClientState state, bool isEnding) =>
            !isEnding && (state.IsQuiet || state == ClientState.ReadingHead);

        private int Top() => _clients.Select(Held).DefaultIfEmpty().Max();

        private int Held(int client) => _connections.Count(c => c.Client == client && Counts(c.State, c.IsEnding));

        private void Put(int slot, int client, ClientState state, bool isEnding)
        {
            int before = Held(client);
            _connections.RemoveAll(c => c.Slot == slot);
            _connections.Add((slot, client, state, isEnding));
            if (Held(client) != before)
            {
                _clients.Remove(client);
                _clients.Add(client);
            }
        }
    }
}
