namespace L7Engine.Tests.Support;

/// <summary>What becomes of an attempt to connect to an address.</summary>
internal enum ConnectOutcome : byte
{
    /// <summary>Whoever listens there gets it; refused when nobody does.</summary>
    Reached,

    Refused,

    /// <summary>The SYN is lost, every time.</summary>
    Unanswered,

    Unreachable,

    /// <summary>This machine has no local port left.</summary>
    NoLocalPort,

    /// <summary>This process has no descriptor left.</summary>
    NoDescriptor,
}
