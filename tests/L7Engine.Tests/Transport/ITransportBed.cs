using L7Engine.Transport;

namespace L7Engine.Tests.Transport;

/// <summary>A transport to run the contract on.</summary>
internal interface ITransportBed : IDisposable
{
    /// <param name="budgetBytes">Of the loop's blocks.</param>
    EventLoop CreateLoop(long budgetBytes);

    /// <returns>What the system was told of its socket.</returns>
    TcpKeepAlive KeepAliveOf(TransportConnection connection);

    /// <summary>Runs a scenario on the loop until it has ended, and throws what it threw.</summary>
    void Run(EventLoop loop, Func<Task> scenario);
}
