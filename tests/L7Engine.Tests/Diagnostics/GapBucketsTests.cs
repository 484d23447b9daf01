using L7Engine.Diagnostics;
using NUnit.Framework;

namespace L7Engine.Tests.Diagnostics;

[TestFixture]
internal sealed class GapBucketsTests
{
    [Test]
    public void Every_age_is_in_the_class_that_begins_at_or_below_it_and_ends_above()
    {
        int[] edges = GapBuckets.Edges.ToArray();

        for (int age = 0; age < 400_000; age++)
        {
            int bucket = GapBuckets.IndexOf(age);
            bool isInside = edges[bucket] <= age && (bucket == edges.Length - 1 || age < edges[bucket + 1]);
            Assert.That(isInside, $"{age} ms is in the class from {edges[bucket]} ms");
        }
    }

    [TestCase(-1)]
    [TestCase(long.MinValue)]
    public void A_clock_that_ran_backwards_counts_as_no_age(long age)
    {
        Assert.That(GapBuckets.IndexOf(age), Is.Zero);
    }

    [Test]
    public void No_age_is_too_long()
    {
        Assert.That(GapBuckets.IndexOf(long.MaxValue), Is.EqualTo(GapBuckets.Count - 1));
    }

    [Test]
    public void Every_asked_timeout_is_an_edge()
    {
        Assert.That(GapBuckets.AskedMilliseconds.ToArray(), Is.SubsetOf(GapBuckets.Edges.ToArray()));
    }

    [Test]
    public void No_class_is_wider_than_a_sixteenth_of_where_it_begins()
    {
        int[] edges = GapBuckets.Edges.ToArray();

        var wide = edges.Skip(1).Zip(edges, (end, start) => (start, end))
            .Where(bucket => bucket.end - bucket.start > Math.Max(1, bucket.start / 16.0));

        Assert.That(wide, Is.Empty);
    }
}
