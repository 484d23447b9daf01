using L7Engine.Configuration;
using L7Engine.Http;

namespace L7Engine.Clients;

/// <summary>What a client's connection knows of its own end.</summary>
/// <param name="Fault">Which rule of HTTP its last request broke, if any.</param>
/// <param name="IsByTime">
/// A time decided: the rest of a body that nobody wanted did not come in time, or persistence is off because the idle
/// timeout is 0.
/// </param>
/// <param name="QuietMilliseconds">Since its last response, or since it was accepted.</param>
/// <param name="Route">That of its last request; null when it took none.</param>
internal readonly record struct CloseFacts(
    CloseReason Reason, HttpFault Fault, bool IsByTime, long QuietMilliseconds, RoutePlan? Route);
