namespace L7Engine.Tests.Support;

/// <summary>Somebody listening at an address: a loop or a test.</summary>
internal interface ISimListener
{
    /// <summary>It joins others at the same address, if there are any.</summary>
    bool SharesAddress { get; }

    /// <returns>False when its backlog is full: the SYN is lost.</returns>
    bool TryAdmit(SimSocket socket);
}
