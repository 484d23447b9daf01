namespace L7Engine;

/// <summary>How a drain ended, counted in client connections.</summary>
/// <param name="ClosedInTime">Closed idle, or after their exchange was done.</param>
/// <param name="CutAtDeadline">Closed in the middle of an exchange or a tunnel.</param>
/// <param name="TunnelsCut">The tunnels among those.</param>
public readonly record struct DrainResult(int ClosedInTime, int CutAtDeadline, int TunnelsCut = 0);
