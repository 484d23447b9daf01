using L7Engine.Transport;
using L7Engine.Transport.Epoll;
using NUnit.Framework;

namespace L7Engine.EndToEnd.Tests.Transport;

[TestFixture]
[Platform("Linux")]
internal sealed class EpollListenTests : ListenContract
{
    protected override ITransport CreateTransport() => new EpollTransport();

    protected override void AssertNothingLeft(EventLoop loop, int listeners)
    {
        var epoll = (EpollLoop)loop;
        Assert.That((epoll.SlotCount, epoll.Held), Is.EqualTo((listeners, 0)));
    }
}

[TestFixture]
[Platform("Linux")]
internal sealed class EpollThreadTests : ThreadLoopContract
{
    protected override ITransport CreateTransport() => new EpollTransport();
}
