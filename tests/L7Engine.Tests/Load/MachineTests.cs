using L7Engine.Load.Bench.Machine;
using NUnit.Framework;

namespace L7Engine.Tests.Load;

/// <summary>What is read of the machine and of processes, from files as kernels write them.</summary>
[TestFixture]
internal sealed class MachineTests
{
    private const string Snmp = """
        Ip: Forwarding DefaultTTL
        Ip: 2 64
        Tcp: RtoAlgorithm MaxConn InSegs OutSegs RetransSegs
        Tcp: 1 -1 500 100000 73
        """;

    private const string Netstat = """
        TcpExt: SyncookiesSent TW TWRecycled TWKilled ListenOverflows ListenDrops
        TcpExt: 0 13000 5 7 3 4
        IpExt: InNoRoutes
        IpExt: 0
        """;

    private static readonly int[] ZeroToTwoAndFive = [0, 1, 2, 5];
    private static readonly int[] Three = [3];

    [Test]
    public void Counters_of_the_kernel_are_found_by_their_names() =>
        Assert.That(KernelCounters.Of(Snmp, Netstat), Is.EqualTo(new KernelCounters(7, 73, 100_000, 13_007)));

    [TestCase("", "")]
    [TestCase("Tcp: A B", "TcpExt:")]
    [TestCase("Tcp: RetransSegs\nTcp: many", "rubbish")]
    public void Counters_that_are_not_there_are_0(string snmp, string netstat) =>
        Assert.That(KernelCounters.Of(snmp, netstat), Is.EqualTo(new KernelCounters(0, 0, 0, 0)));

    [TestCase(0, 0, 1_000, null)]
    [TestCase(0, 20, 1_000, null)]
    [TestCase(0, 100, 100_000, null)]
    [TestCase(0, 21, 1_000, "21 of 1000 segments")]
    [TestCase(0, 101, 100_000, "101 of 100000 segments")]
    [TestCase(1, 0, 1_000, "overflowed (1 times)")]
    public void Overflows_and_storms_of_retransmissions_are_complained_about(
        int overflows, int retransmitted, int sent, string? complaint)
    {
        var before = new KernelCounters(5, 50, 1_000_000, 9);

        string? said = new KernelCounters(5 + overflows, 50 + retransmitted, 1_000_000 + sent, 9).Since(before).Complaint;

        Assert.That(said, complaint is null ? Is.Null : Does.Contain(complaint));
    }

    [TestCase("60520123 77 1\n", 60_520_123)]
    [TestCase("", null)]
    public void Time_on_a_processor_is_the_first_number_of_schedstat(string text, long? expected) =>
        Assert.That(ProcessUse.SchedulerTimeOf(text), Is.EqualTo(expected));

    [TestCase("7 (a) b) (c) S 1 7 7 0 -1 4194304 100 0 0 0 12 34 0 0 20 0 1 0 5 6 7", 460_000_000)]
    [TestCase("", 0)]
    [TestCase("7 (a) S 1", 0)]
    public void Ticks_are_user_and_system_time_whatever_the_name_of_the_process(string text, long expected) =>
        Assert.That(ProcessUse.TicksOf(text), Is.EqualTo(expected));

    [TestCase("Name:\ta\nVmRSS:\t   18880 kB\nRssAnon:\t 1 kB\n", 18_880 * 1_024)]
    [TestCase("Name:\tzombie\n", 0)]
    public void Resident_memory_is_found_in_status(string text, long expected) =>
        Assert.That(ProcessUse.ResidentOf(text), Is.EqualTo(expected));

    [Test]
    public void What_this_process_uses_is_more_than_nothing()
    {
        ProcessUse use = ProcessUse.Read(Environment.ProcessId);

        Assert.That(use.CpuNanoseconds, Is.GreaterThan(0));
        Assert.That(use.ResidentBytes, Is.GreaterThan(1_000_000));
    }

    [Test]
    public void A_process_that_has_ended_uses_nothing() =>
        Assert.That(ProcessUse.Read(int.MaxValue), Is.EqualTo(new ProcessUse(0, 0)));

    [Test]
    public void Lists_of_processors_have_numbers_and_ranges()
    {
        Assert.That(Processors.ListOf("\t0-2,5\n"), Is.EqualTo(ZeroToTwoAndFive));
        Assert.That(Processors.ListOf("3"), Is.EqualTo(Three));
    }

    [TestCase("0", null, null, null)]
    [TestCase("0-1", 0, 1, 1)]
    [TestCase("4,6", 4, 6, 6)]
    [TestCase("0-7", 0, 1, 2)]
    public void The_proxy_has_a_processor_for_itself_as_soon_as_there_are_two(
        string processors, int? subject, int? generator, int? backend) =>
        Assert.That(
            Placement.Of(Processors.ListOf(processors)), Is.EqualTo(new Placement(subject, generator, backend)));

    [Test]
    public void Processor_and_descriptors_are_read_as_the_system_writes_them()
    {
        Assert.That(EnvironmentReader.ProcessorOf("a\t: b\nmodel name\t: AMD: EPYC\nmodel name\t: x"), Is.EqualTo("AMD: EPYC"));
        Assert.That(EnvironmentReader.ProcessorOf(""), Is.Not.Empty);
        Assert.That(
            EnvironmentReader.OpenFilesOf("Max cpu time  unlimited\nMax open files      20000      30000    files"),
            Is.EqualTo("20000"));
    }
}
