using L7Engine.Clients;
using L7Engine.Tests.Support;
using NUnit.Framework;

namespace L7Engine.Tests.Clients;

/// <summary>How much the engine takes on when nobody says, and what it says about that.</summary>
[TestFixture]
internal sealed class CapacityTests : EngineFixture
{
    private const long MiB = 1_024 * 1_024;

    private readonly MemoryTransport _system = new(new SimNetwork());

    [TestCase(20_000, 1, 1, 9_963)]
    [TestCase(20_000, 4, 2, 9_948)]
    [TestCase(1_024, 2, 1, 471)]
    [TestCase(50, 3, 1, 3, Description = "one for each loop")]
    public void Half_of_the_descriptors_that_are_left_are_for_clients(int descriptors, int loops, int listeners, int expected)
    {
        _system.DescriptorLimit = descriptors;

        Assert.That(Capacity.Of(new Limits(), _system, loops, listeners).MaxConnections, Is.EqualTo(expected));
    }

    [TestCase(long.MaxValue, 256 * MiB)]
    [TestCase(1_024 * MiB, 256 * MiB)]
    [TestCase(512 * MiB, 128 * MiB)]
    [TestCase(MiB, MiB, Description = "the least there may be")]
    public void Buffers_have_256_MiB_or_a_quarter_of_the_memory(long memory, long expected)
    {
        _system.MemoryLimitBytes = memory;

        Assert.That(Capacity.Of(new Limits(), _system, loops: 1, listeners: 1).MaxBufferBytes, Is.EqualTo(expected));
    }

    [Test]
    public void What_is_set_is_taken_as_it_is()
    {
        (_system.DescriptorLimit, _system.MemoryLimitBytes) = (100, 4 * MiB);
        var limits = new Limits { MaxClientConnections = 5_000, MaxBufferBytes = 64 * MiB };

        Assert.That(Capacity.Of(limits, _system, loops: 2, listeners: 1), Is.EqualTo(new Capacity(5_000, 64 * MiB)));
    }

    [Test]
    public void The_status_says_what_was_set_or_derived_and_the_memory_it_implies()
    {
        StartLimited(new Limits { MaxClientConnections = 10_000 });

        Assert.That(Bed.Status.MaxClientConnections, Is.EqualTo(10_000));
        Assert.That(Bed.Status.MaxBufferBytes, Is.EqualTo(256 * MiB));
        Assert.That(Bed.Status.ImpliedMemoryBytes, Is.EqualTo((256 * MiB) + (10_000 * 700)));
    }
}
