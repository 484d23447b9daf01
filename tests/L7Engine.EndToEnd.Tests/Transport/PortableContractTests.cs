using L7Engine.Tests.Transport;
using L7Engine.Transport.Portable;
using NUnit.Framework;

namespace L7Engine.EndToEnd.Tests.Transport;

[TestFixture]
internal sealed class PortableStreamTests : StreamContract
{
    protected override ITransportBed CreateBed() => new ThreadBed(new PortableTransport());
}

[TestFixture]
internal sealed class PortableEndTests : EndContract
{
    protected override ITransportBed CreateBed() => new ThreadBed(new PortableTransport());
}

[TestFixture]
internal sealed class PortableDeadlineTests : DeadlineContract
{
    // An operation of the system ends when a good part of the kernel's buffer is free, and not before.
    protected override int GapOfSlowReader => 15;

    protected override ITransportBed CreateBed() => new ThreadBed(new PortableTransport());
}

[TestFixture]
internal sealed class PortableBlockTests : BlockContract
{
    protected override ITransportBed CreateBed() => new ThreadBed(new PortableTransport());
}
