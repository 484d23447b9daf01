namespace L7Engine.Tests.Support;

/// <summary>Somebody listening at an address: a loop or a test.</summary>
internal interface ISimListener
{
    /// <summary>Other listeners may have the same address.</summary>
    bool SharesAddress { get; }

    /// <returns>False when its backlog is full: the SYN is lost.</returns>
    bool TryAdmit(SimSocket socket);
}
