namespace L7Engine.Tests.Support;

/// <summary>A simulation that cannot go on, or code under it that threw. The message holds the seed.</summary>
internal sealed class SimulationException(string message, Exception? cause = null) : Exception(message, cause);
