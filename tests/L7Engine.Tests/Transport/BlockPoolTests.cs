using L7Engine.Transport;
using NUnit.Framework;

namespace L7Engine.Tests.Transport;

[TestFixture]
internal sealed class BlockPoolTests
{
    private const long PlentyBytes = 1 << 30;

    [TestCase(0, 1024)]
    [TestCase(1024, 1024)]
    [TestCase(1025, 4 * 1024)]
    [TestCase(4 * 1024 + 1, 32 * 1024)]
    [TestCase(32 * 1024 + 1, 64 * 1024)]
    [TestCase(64 * 1024, 64 * 1024)]
    [TestCase(64 * 1024 + 1, 64 * 1024 + 1)]
    public void A_block_has_the_least_size_that_will_do(int minBytes, int usableBytes)
    {
        Block block = new BlockPool(PlentyBytes).Rent(minBytes);

        Assert.That(block.UsableBytes, Is.EqualTo(usableBytes));
        Assert.That(block.End - Block.Start, Is.EqualTo(usableBytes));
        Assert.That(block.Array, Has.Length.EqualTo(Block.HeadroomBytes + usableBytes + Block.TailroomBytes));
    }

    [Test]
    public void The_block_that_came_back_last_is_rented_first()
    {
        var pool = new BlockPool(PlentyBytes);
        Block first = pool.Rent(1);
        Block second = pool.Rent(1);
        pool.Return(first);
        pool.Return(second);

        Assert.That(pool.Rent(1), Is.SameAs(second));
        Assert.That(pool.Rent(1), Is.SameAs(first));
    }

    [Test]
    public void The_budget_is_kept_and_its_last_byte_can_be_rented()
    {
        var pool = new BlockPool(2 * BlockPool.RelayBytes);
        _ = pool.Rent(BlockPool.RelayBytes);
        _ = pool.Rent(BlockPool.RelayBytes - 1024);

        Assert.That(pool.CanRent(1), Is.False);
        Assert.That(pool.TryRent(1), Is.Null);
    }

    [Test]
    public void One_block_can_be_rented_whatever_the_budget()
    {
        var pool = new BlockPool(budgetBytes: 10);

        Assert.That(pool.TryRent(BlockPool.RelayBytes), Is.Not.Null);
        Assert.That(pool.TryRent(1), Is.Null);
    }

    [Test]
    public void Free_blocks_of_one_size_give_way_to_another()
    {
        var pool = new BlockPool(BlockPool.RelayBytes + 4096);
        Block[] small = [.. Enumerable.Range(0, 60).Select(_ => pool.Rent(1024))];
        foreach (Block block in small[1..])
        {
            pool.Return(block);
        }

        Assert.That(pool.TryRent(BlockPool.RelayBytes), Is.Not.Null);
        Assert.That(pool.AllocatedBytes, Is.LessThanOrEqualTo(BlockPool.RelayBytes + 4096));
    }

    [Test]
    public void Trimming_drops_half_of_what_nobody_needed_since_the_last_time()
    {
        var pool = new BlockPool(PlentyBytes);
        Block[] blocks = [.. Enumerable.Range(0, 16).Select(_ => pool.Rent(1024))];
        foreach (Block block in blocks)
        {
            pool.Return(block);
        }

        List<long> kept = [];
        for (int i = 0; i < 7; i++)
        {
            pool.Trim();
            kept.Add(pool.AllocatedBytes / 1024);
        }

        Assert.That(kept, Is.EqualTo((long[])[16, 8, 4, 2, 1, 1, 1]));
    }

    [Test]
    public void Trimming_leaves_what_was_needed_in_between()
    {
        var pool = new BlockPool(PlentyBytes);
        for (int round = 0; round < 10; round++)
        {
            Block[] blocks = [.. Enumerable.Range(0, 16).Select(_ => pool.Rent(1024))];
            foreach (Block block in blocks)
            {
                pool.Return(block);
            }

            pool.Trim();
        }

        Assert.That(pool.AllocatedBytes, Is.EqualTo(16 * 1024));
    }

#if DEBUG
    [Test]
    public void A_block_goes_back_once()
    {
        var pool = new BlockPool(PlentyBytes);
        Block block = pool.Rent(1);
        pool.Return(block);

        Assert.That(() => pool.Return(block), Throws.Exception.With.Message.Contains("once"));
    }

    [TestCase(1)]
    [TestCase(BlockPool.RelayBytes + 1)]
    public void Memory_that_went_back_is_poisoned(int bytes)
    {
        var pool = new BlockPool(PlentyBytes);
        Block block = pool.Rent(bytes);
        byte[] array = block.Array;
        array.AsSpan().Fill(1);
        pool.Return(block);

        Assert.That(array.AsSpan().ContainsAnyExcept((byte)0xDD), Is.False);
    }
#endif

    // Against plain sums over what was rented and returned.
    [Test]
    public void Its_counts_are_those_of_plain_sums([Range(1, 20)] int seed)
    {
        const long Budget = 400 * 1024;
        var random = new Random(seed);
        var pool = new BlockPool(Budget);
        var rented = new List<Block>();
        for (int step = 0; step < 500; step++)
        {
            Change(pool, rented, random, Budget);

            Assert.That(pool.RentedCount, Is.EqualTo(rented.Count), $"seed {seed}, step {step}");
            Assert.That(pool.RentedBytes, Is.EqualTo(rented.Sum(block => block.UsableBytes)));
            Assert.That(pool.AllocatedBytes, Is.GreaterThanOrEqualTo(pool.RentedBytes));
            Assert.That(pool.AllocatedBytes, Is.LessThanOrEqualTo(Math.Max(Budget, pool.RentedBytes)));
            Assert.That(rented.Distinct().Count(), Is.EqualTo(rented.Count));
        }
    }

    private static void Change(BlockPool pool, List<Block> rented, Random random, long budget)
    {
        int bytes = random.Next(1, 80 * 1024);
        switch (random.Next(5))
        {
            case 0 or 1 when pool.TryRent(bytes) is { } block:
                Assert.That(rented.Count == 0 || rented.Sum(b => b.UsableBytes) + block.UsableBytes <= budget);
                Assert.That(block.UsableBytes, Is.GreaterThanOrEqualTo(bytes));
                rented.Add(block);
                break;
            case 2 or 3 when rented.Count > 0:
                int place = random.Next(rented.Count);
                pool.Return(rented[place]);
                rented.RemoveAt(place);
                break;
            case 4:
                pool.Trim();
                break;
        }
    }
}
