using L7Engine.Tests.Transport;
using L7Engine.Transport.Epoll;
using NUnit.Framework;

namespace L7Engine.EndToEnd.Tests.Transport;

[TestFixture]
[Platform("Linux")]
internal sealed class EpollStreamTests : StreamContract
{
    protected override ITransportBed CreateBed() => new ThreadBed(new EpollTransport());
}

[TestFixture]
[Platform("Linux")]
internal sealed class EpollEndTests : EndContract
{
    protected override ITransportBed CreateBed() => new ThreadBed(new EpollTransport());
}

[TestFixture]
[Platform("Linux")]
internal sealed class EpollDeadlineTests : DeadlineContract
{
    protected override ITransportBed CreateBed() => new ThreadBed(new EpollTransport());
}

[TestFixture]
[Platform("Linux")]
internal sealed class EpollBlockTests : BlockContract
{
    protected override ITransportBed CreateBed() => new ThreadBed(new EpollTransport());
}
