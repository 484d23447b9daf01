using L7Engine.Transport;
using L7Engine.Transport.Portable;
using NUnit.Framework;

namespace L7Engine.EndToEnd.Tests.Transport;

[TestFixture]
internal sealed class PortableListenTests : ListenContract
{
    protected override ITransport CreateTransport() => new PortableTransport();

    protected override void AssertNothingLeft(EventLoop loop, int listeners)
    {
        var portable = (PortableLoop)loop;
        Assert.That((portable.OpenCount, portable.Held), Is.EqualTo((listeners, 0)));
    }
}

[TestFixture]
internal sealed class PortableThreadTests : ThreadLoopContract
{
    protected override ITransport CreateTransport() => new PortableTransport();
}
