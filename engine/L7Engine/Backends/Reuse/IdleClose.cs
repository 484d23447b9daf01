namespace L7Engine.Backends.Reuse;

/// <summary>One connection that its backend closed while it was idle, or just as it was used again.</summary>
/// <param name="AtMilliseconds">When that was seen, on the clock of the loops.</param>
/// <param name="IdleMilliseconds">How long it had been idle.</param>
/// <param name="RequestCount">Requests that it had served.</param>
/// <param name="WasTaken">A request was on its way on it.</param>
internal readonly record struct IdleClose(
    long AtMilliseconds, long IdleMilliseconds, int RequestCount, bool WasTaken);
