using L7Engine.Clients;
using L7Engine.Diagnostics;
using NUnit.Framework;

namespace L7Engine.Tests.Clients;

/// <summary>The counts of the clients, against a plain oracle, and under many threads.</summary>
[TestFixture]
internal sealed class ClientTableTests
{
    private const int Cap = 5;
    private const int PersistentCap = 3;

    // One shard takes all of them: searches run into each other, wrap round, and close up behind what goes.
    [Test]
    public void A_shard_counts_as_a_dictionary_does([Range(1, 20)] int seed)
    {
        var random = new Random(seed);
        ClientKey[] clients = [.. Enumerable.Range(0, 1 + random.Next(300)).Select(i => KeyOf(i))];
        var shard = new ClientShard();
        var oracle = new Dictionary<ClientKey, ClientCounts>();
        for (int step = 0; step < 5_000; step++)
        {
            // In waves, so that it grows and shrinks.
            bool comes = random.Next(100) < (step / 1_000 % 2 == 0 ? 70 : 30);
            ClientKey client = clients[random.Next(clients.Length)];
            Act(shard, oracle, client, comes, random);

            string when = $"seed {seed}, step {step}";
            Assert.That(shard.CountsOf(client), Is.EqualTo(oracle.GetValueOrDefault(client)), when);
            Assert.That(shard.Count, Is.EqualTo(oracle.Count), when);
        }

        Assert.That(clients.All(c => shard.CountsOf(c) == oracle.GetValueOrDefault(c)), $"seed {seed}");
    }

    [Test]
    public void A_cap_holds_to_the_last_place_and_a_place_given_back_is_free()
    {
        var table = new ClientTable();
        ClientKey client = KeyOf(1);

        Assert.That(Enumerable.Range(0, 7).Count(_ => table.TryEnter(client, Cap)), Is.EqualTo(Cap));
        Assert.That(Enumerable.Range(0, 5).Count(_ => table.TryPersist(client, PersistentCap)),
            Is.EqualTo(PersistentCap));

        table.EndPersistence(client);
        Assert.That(table.TryPersist(client, PersistentCap));
        table.Leave(client, isPersistent: true);
        Assert.That(table.CountsOf(client), Is.EqualTo(new ClientCounts(4, 2)));
        Assert.That((table.TryEnter(client, Cap), table.TryEnter(client, Cap)), Is.EqualTo((true, false)));
    }

    [Test]
    public void A_cap_of_0_is_none_and_one_client_takes_nothing_from_another()
    {
        var table = new ClientTable();

        Assert.That(Enumerable.Range(0, 100).All(_ => table.TryEnter(KeyOf(1), 0) && table.TryPersist(KeyOf(1), 0)));
        Assert.That(table.TryEnter(KeyOf(2), 1));
        Assert.That((table.CountsOf(KeyOf(1)), table.CountsOf(KeyOf(2)), table.CountsOf(KeyOf(3))),
            Is.EqualTo((new ClientCounts(100, 100), new ClientCounts(1, 0), default(ClientCounts))));
    }

    [Test]
    public void A_lower_cap_refuses_at_once_and_takes_nothing_away()
    {
        var table = new ClientTable();
        for (int i = 0; i < 4; i++)
        {
            table.TryEnter(KeyOf(1), 4);
        }

        Assert.That((table.TryEnter(KeyOf(1), 2), table.CountsOf(KeyOf(1)).Open), Is.EqualTo((false, 4)));
        Assert.That(table.TryEnter(KeyOf(1), 5));
    }

    [Test]
    public void Nothing_is_left_of_a_client_that_has_gone()
    {
        var table = new ClientTable();
        for (int i = 0; i < 10_000; i++)
        {
            table.TryEnter(KeyOf(i), 1);
        }

        Assert.That(table.Count, Is.EqualTo(10_000));
        for (int i = 0; i < 10_000; i++)
        {
            table.Leave(KeyOf(i), isPersistent: false);
        }

        Assert.That(table.Count, Is.Zero);
    }

    // The caps are counted a second time, with nothing but interlocked additions: no thread may ever see more.
    [Test]
    public void Over_many_threads_no_cap_is_exceeded_and_all_counts_return_to_zero([Range(1, 5)] int seed)
    {
        const int Clients = 10;
        var table = new ClientTable();
        int[] open = new int[Clients];
        int[] persistent = new int[Clients];
        int exceeded = 0;
        Thread[] threads =
            [.. Enumerable.Range(0, 4).Select(i => new Thread(() => Live(new Random((100 * seed) + i))))];
        Array.ForEach(threads, t => t.Start());
        Array.ForEach(threads, t => t.Join());

        Assert.That((exceeded, table.Count, open.Sum(), persistent.Sum()), Is.EqualTo((0, 0, 0, 0)), $"seed {seed}");

        void Live(Random random)
        {
            var held = new List<(int Client, bool IsPersistent)>();
            for (int step = 0; step < 20_000; step++)
            {
                int client = random.Next(Clients);
                if (random.Next(2) == 0 && table.TryEnter(KeyOf(client), Cap))
                {
                    Note(Interlocked.Increment(ref open[client]) > Cap);
                    bool persists = table.TryPersist(KeyOf(client), PersistentCap);
                    Note(persists && Interlocked.Increment(ref persistent[client]) > PersistentCap);
                    held.Add((client, persists));
                }
                else if (held.Count > 0)
                {
                    GiveBack(held, random.Next(held.Count));
                }
            }

            while (held.Count > 0)
            {
                GiveBack(held, held.Count - 1);
            }
        }

        void GiveBack(List<(int Client, bool IsPersistent)> held, int index)
        {
            (int client, bool isPersistent) = held[index];
            held.RemoveAt(index);
            Interlocked.Decrement(ref open[client]);
            Interlocked.Add(ref persistent[client], isPersistent ? -1 : 0);
            table.Leave(KeyOf(client), isPersistent);
        }

        void Note(bool isExceeded) => Interlocked.Add(ref exceeded, isExceeded ? 1 : 0);
    }

    private static void Act(
        ClientShard shard, Dictionary<ClientKey, ClientCounts> oracle, ClientKey client, bool comes, Random random)
    {
        (int open, int persistent) = oracle.GetValueOrDefault(client);
        if (comes)
        {
            Assert.That(shard.TryEnter(client, Cap), Is.EqualTo(open < Cap));
            open += open < Cap ? 1 : 0;
            if (persistent < open && random.Next(2) == 0)
            {
                Assert.That(shard.TryPersist(client, PersistentCap), Is.EqualTo(persistent < PersistentCap));
                persistent += persistent < PersistentCap ? 1 : 0;
            }
        }
        else if (persistent > 0 && random.Next(4) == 0)
        {
            shard.EndPersistence(client);
            persistent--;
        }
        else if (open > 0)
        {
            bool isPersistent = persistent > 0 && (persistent == open || random.Next(2) == 0);
            shard.Leave(client, isPersistent);
            (open, persistent) = (open - 1, persistent - (isPersistent ? 1 : 0));
        }

        oracle[client] = new ClientCounts(open, persistent);
        if (open == 0)
        {
            oracle.Remove(client);
        }
    }

    private static ClientKey KeyOf(int client) =>
        ClientKey.Of(PeerAddress.Of(0xFFFF_0A00_0000 | (UInt128)client, port: 1), ipv6PrefixBits: 64);
}
