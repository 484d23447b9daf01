namespace L7Engine;

/// <summary>How the drain of one backend ended.</summary>
/// <param name="IdleClosed">Connections of the pools that were closed at once.</param>
/// <param name="EndedInTime">Requests that were in flight, and have ended.</param>
/// <param name="StillInFlight">Requests that the deadline found in flight: they go on, and nobody waits.</param>
public readonly record struct BackendDrainResult(int IdleClosed, int EndedInTime, int StillInFlight);
