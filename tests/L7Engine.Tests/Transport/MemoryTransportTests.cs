using L7Engine.Tests.Support;
using L7Engine.Transport;
using NUnit.Framework;

namespace L7Engine.Tests.Transport;

internal sealed class MemoryBed(int seed, Faults faults, int bufferBytes = 16 * 1024) : ITransportBed
{
    private readonly SimNetwork _net = new(seed)
    {
        Link = new LinkSettings { Faults = faults, SendBufferBytes = bufferBytes, ReceiveBufferBytes = bufferBytes },
    };

    public EventLoop CreateLoop(long budgetBytes) => _net.CreateLoop(budgetBytes);

    public void Run(EventLoop loop, Func<Task> scenario) => _net.Wait(((MemoryLoop)loop).Do(scenario));

    public TcpKeepAlive KeepAliveOf(TransportConnection connection) => ((MemoryConnection)connection).KeepAlive;

    public void Dispose()
    {
    }
}

[TestFixture(1, false)]
[TestFixture(2, true)]
[TestFixture(3, true)]
internal sealed class MemoryStreamTests(int seed, bool isCutUp) : StreamContract
{
    protected override ITransportBed CreateBed() => new MemoryBed(seed, isCutUp ? Faults.Splits : Faults.None);
}

[TestFixture(1, false)]
[TestFixture(2, true)]
[TestFixture(3, true)]
internal sealed class MemoryEndTests(int seed, bool isCutUp) : EndContract
{
    protected override ITransportBed CreateBed() => new MemoryBed(seed, isCutUp ? Faults.Splits : Faults.None);
}

[TestFixture(1, false)]
[TestFixture(2, true)]
internal sealed class MemoryDeadlineTests(int seed, bool isCutUp) : DeadlineContract
{
    protected override ITransportBed CreateBed() => new MemoryBed(seed, isCutUp ? Faults.Splits : Faults.None);
}

// The last one has more to give than one connection may take in a turn.
[TestFixture(1, false, 16 * 1024)]
[TestFixture(2, true, 16 * 1024)]
[TestFixture(3, false, 4 * 1024 * 1024)]
internal sealed class MemoryBlockTests(int seed, bool isCutUp, int bufferBytes) : BlockContract
{
    protected override ITransportBed CreateBed() =>
        new MemoryBed(seed, isCutUp ? Faults.Splits : Faults.None, bufferBytes);
}
