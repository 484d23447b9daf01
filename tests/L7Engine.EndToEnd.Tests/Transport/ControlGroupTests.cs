using L7Engine.EndToEnd.Tests.Support;
using L7Engine.Transport.Epoll;
using NUnit.Framework;

namespace L7Engine.EndToEnd.Tests.Transport;

/// <summary>The limit of memory of a control group, from files as the kernel shows them.</summary>
[TestFixture]
[FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
internal sealed class ControlGroupTests : IDisposable
{
    private readonly TempFolder _root = new();

    public void Dispose() => _root.Dispose();

    [Test]
    public void Without_groups_there_is_no_limit()
    {
        Assert.That(Limit(), Is.EqualTo(long.MaxValue));
    }

    [Test]
    public void The_least_limit_on_the_way_to_the_group_counts()
    {
        Write("proc/self/cgroup", "0::/a/b/c\n");
        Write("sys/fs/cgroup/a/memory.max", "1000\n");
        Write("sys/fs/cgroup/a/b/memory.max", "max\n");
        Write("sys/fs/cgroup/a/b/c/memory.max", "2000\n");

        Assert.That(Limit(), Is.EqualTo(1_000));
    }

    [Test]
    public void In_a_container_the_group_is_the_top_of_what_is_there()
    {
        Write("proc/self/cgroup", "0::/outside/of/it\n");
        Write("sys/fs/cgroup/memory.max", "3000\n");

        Assert.That(Limit(), Is.EqualTo(3_000));
    }

    [Test]
    public void The_first_version_has_its_controllers_in_folders_of_their_own()
    {
        Write("proc/self/cgroup", "5:cpu,cpuacct:/x\n4:memory:/m:1\n0::/\n");
        Write("sys/fs/cgroup/memory/memory.limit_in_bytes", "9223372036854771712\n");
        Write("sys/fs/cgroup/memory/m:1/memory.limit_in_bytes", "4000\n");

        Assert.That(Limit(), Is.EqualTo(4_000));
    }

    [Test]
    public void The_group_of_this_process_can_be_read()
    {
        Assert.That(new ControlGroup("/").MemoryLimitBytes, Is.Positive);
    }

    private long Limit() => new ControlGroup(_root.Root).MemoryLimitBytes;

    private void Write(string path, string text)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(_root.PathOf(path))!);
        _root.Write(path, text);
    }
}
