using System.Net;
using L7Engine.Load.Bench.Report;

namespace L7Engine.Load.Bench.Running;

/// <summary>One of what is compared: a subject, and what is done with connections on its two sides.</summary>
internal sealed record Mode
{
    public required string Subject { get; init; }

    public required ConnectionMode Client { get; init; }

    /// <summary>Null where there is no proxy.</summary>
    public ConnectionMode? Backend { get; init; }

    public required IPEndPoint Address { get; init; }

    /// <summary>The Host field; null is the address.</summary>
    public string? Host { get; init; }

    /// <summary>Null asks the backend of this run for a body of a size.</summary>
    public string? Path { get; init; }

    /// <summary>The process that is measured: of this mode alone, so that its memory is, too. Null where there is none
    /// that is known.</summary>
    public Child? Process { get; init; }

    /// <summary>The process that works: the peer in place of the one that holds it.</summary>
    public int? ProcessId { get; init; }

    public bool IsEngine { get; init; }

    public string Name => $"{Subject}, {ModeText.Of(Client, Backend)}";
}
