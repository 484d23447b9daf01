namespace L7Engine;

/// <summary>How many final responses of one class clients were sent.</summary>
/// <param name="StatusClass">The first digit of the status, 1 to 5: 2 is 200 to 299; 1 counts only 101.</param>
/// <param name="Count">Responses since the start.</param>
public readonly record struct StatusCount(int StatusClass, long Count);
