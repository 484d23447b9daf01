namespace L7Engine.Clients;

/// <summary>An order to drain that the loops carry out.</summary>
/// <param name="Stopped">Done once nothing is listened on any more that it is for.</param>
/// <param name="Ended">Done once nothing is open any more that it is for.</param>
internal sealed record DrainUnderWay(DrainOrder Order, Task Stopped, Task<DrainResult> Ended);
