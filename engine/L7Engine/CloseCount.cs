namespace L7Engine;

/// <summary>How many connections were closed for one reason.</summary>
/// <param name="Reason">The reason.</param>
/// <param name="Count">Closes since the start.</param>
public readonly record struct CloseCount(CloseReason Reason, long Count);
