using L7Engine.Clients;
using L7Engine.Diagnostics;
using NUnit.Framework;

namespace L7Engine.Tests.Clients;

/// <summary>Slots and generations of client connections, as the ledger names them.</summary>
[TestFixture]
internal sealed class ConnectionTableTests
{
    // Against a dictionary, the plainest thing that could be right. The table never looks into what it holds.
    [Test]
    public void Any_comings_and_goings_find_what_a_dictionary_would([Range(1, 20)] int seed)
    {
        var random = new Random(seed);
        int removals = 0;
        var table = new ConnectionTable { Removed = _ => removals++ };
        var open = new Dictionary<ConnectionId, ClientConnection>();
        var gone = new List<ConnectionId>();
        for (int step = 0; step < 500; step++)
        {
            if (open.Count == 0 || random.Next(100) < 55)
            {
                ClientConnection connection = Blank();
                Assert.That(open.TryAdd(table.Add(connection), connection), "an id is given once");
            }
            else
            {
                ConnectionId id = open.Keys.ElementAt(random.Next(open.Count));
                table.Remove(id);
                open.Remove(id);
                gone.Add(id);
            }

            Assert.That(table.Count, Is.EqualTo(open.Count), $"seed {seed}, step {step}");
        }

        var seen = new List<ClientConnection>();
        table.ForEach(seen.Add);
        using (Assert.EnterMultipleScope())
        {
            Assert.That(removals, Is.EqualTo(gone.Count));
            Assert.That(gone.Where(id => table.Find(id) is not null), Is.Empty, "an id is never used again");
            Assert.That(open.All(pair => table.Find(pair.Key) == pair.Value));
            Assert.That(seen, Is.EquivalentTo(open.Values));
            Assert.That(open.Keys.Concat(gone).Distinct().Count(), Is.EqualTo(open.Count + gone.Count));
        }
    }

    [Test]
    public void What_is_done_with_each_may_remove_any()
    {
        var table = new ConnectionTable();
        ConnectionId[] ids = [.. Enumerable.Range(0, 100).Select(_ => table.Add(Blank()))];
        int calls = 0;

        table.ForEach(_ =>
        {
            calls++;
            foreach (ConnectionId id in ids.Where(i => table.Find(i) is not null).Take(2).ToArray())
            {
                table.Remove(id);
            }
        });

        Assert.That((table.Count, calls), Is.LessThanOrEqualTo((0, 100)));
    }

    [Test]
    public void An_id_that_was_never_given_finds_nothing()
    {
        Assert.That(new ConnectionTable().Find(new ConnectionId(7, 1)), Is.Null);
    }

    [Test]
    public void A_million_have_as_many_slots_and_each_coming_and_going_an_id_of_its_own()
    {
        const int Connections = 1_000_000;
        ClientConnection any = Blank();
        var random = new Random(1);
        var table = new ConnectionTable();
        ConnectionId[] ids = [.. Enumerable.Range(0, Connections).Select(_ => table.Add(any))];
        int[] uses = new int[Connections];
        int surprises = 0;

        for (int i = 0; i < Connections; i++)
        {
            ConnectionId gone = ids[random.Next(Connections)];
            table.Remove(gone);
            ConnectionId next = table.Add(any);
            surprises += next == new ConnectionId(gone.Slot, gone.Generation + 1) && table.Find(gone) is null ? 0 : 1;
            ids[next.Slot] = next;
            uses[next.Slot]++;
        }

        Assert.That((table.Count, surprises), Is.EqualTo((Connections, 0)));
        Assert.That(ids.Index().All(id => id.Item.Slot == id.Index && id.Item.Generation == uses[id.Index] + 1));
    }

    private static ClientConnection Blank() =>
        (ClientConnection)System.Runtime.CompilerServices.RuntimeHelpers.GetUninitializedObject(typeof(ClientConnection));
}
