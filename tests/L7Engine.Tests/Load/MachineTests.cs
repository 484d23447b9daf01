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
        Assert.That(KernelCounters.Of(Snmp, Netstat), Is.EqualTo(new KernelCounters(4, 73, 100_000, 13_007)));

    [TestCase("", "")]
    [TestCase("Tcp: A B", "TcpExt:")]
    public void Counters_that_are_not_there_are_not_known(string snmp, string netstat)
    {
        KernelCounters unknown = KernelCounters.Of(snmp, netstat);

        Assert.That(unknown, Is.EqualTo(new KernelCounters(null, null, null, null)));
        Assert.That(unknown.AreComplete, Is.False);
        Assert.That(KernelCounters.Of(Snmp, Netstat).Since(unknown).Complaint, Is.Null);
        Assert.That(KernelCounters.Of(Snmp, Netstat).AreComplete, Is.True);
    }

    [TestCase(0, 0, 1_000, null)]
    [TestCase(0, 20, 1_000, null)]
    [TestCase(0, 100, 100_000, null)]
    [TestCase(0, 21, 1_000, "21 of 1000 segments")]
    [TestCase(0, 101, 100_000, "101 of 100000 segments")]
    [TestCase(1, 0, 1_000, "1 connections or attempts were dropped")]
    public void Overflows_and_storms_of_retransmissions_are_complained_about(
        int overflows, int retransmitted, int sent, string? complaint)
    {
        var before = new KernelCounters(5, 50, 1_000_000, 9);

        string? said = new KernelCounters(5 + overflows, 50 + retransmitted, 1_000_000 + sent, 9).Since(before).Complaint;

        Assert.That(said, complaint is null ? Is.Null : Does.Contain(complaint));
    }

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
        Assert.That(ProcessUse.Read(5_000_000), Is.EqualTo(new ProcessUse(0, 0)));

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
            Placement.Of(Processors.ListOf(processors), p => [p]), Is.EqualTo(new Placement(subject, generator, backend)));

    [Test]
    public void The_time_of_a_thread_that_has_ended_still_counts()
    {
        long before = ProcessUse.Read(Environment.ProcessId).CpuNanoseconds;
        var thread = new Thread(() =>
        {
            while (ProcessUse.Read(Environment.ProcessId).CpuNanoseconds <= before + 20_000_000)
            {
            }
        });

        thread.Start();
        thread.Join();

        Assert.That(ProcessUse.Read(Environment.ProcessId).CpuNanoseconds, Is.GreaterThan(before + 20_000_000));
    }

    [TestCase("0-3", "0-1 0-1 2-3 2-3", 0, 2, 3)]
    [TestCase("0-3", "0,2 1,3 0,2 1,3", 0, 1, 3)]
    [TestCase("0-5", "0-1 0-1 2-3 2-3 4-5 4-5", 0, 2, 4)]
    [TestCase("1,3", "0-1 0-1 2-3 2-3", 1, 3, 3)]
    [TestCase("0-1", "0-1 0-1", 0, 1, 1)]
    public void Nobody_has_the_other_thread_of_the_proxys_core_where_there_is_another_core(
        string allowed, string siblings, int subject, int generator, int backend)
    {
        IReadOnlyList<int>[] cores = [.. siblings.Split(' ').Select(Processors.ListOf)];

        var placement = Placement.Of(Processors.ListOf(allowed), p => cores[p]);

        Assert.That(placement, Is.EqualTo(new Placement(subject, generator, backend)));
        Assert.That(placement.IsCoreShared(p => cores[p]), Is.EqualTo(allowed == "0-1"));
    }

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
