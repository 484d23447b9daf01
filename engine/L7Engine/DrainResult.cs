namespace L7Engine;

/// <summary>How a drain ended, counted in client connections that were open when it began.</summary>
/// <param name="ClosedInTime">Closed after their exchange was done, or idle.</param>
/// <param name="CutAtDeadline">Closed in the middle of an exchange or a tunnel.</param>
public readonly record struct DrainResult(int ClosedInTime, int CutAtDeadline);
