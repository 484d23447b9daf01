namespace L7Engine.Load.Bench.Report;

/// <summary>Modes in words.</summary>
internal static class ModeText
{
    public static string Of(ConnectionMode mode) => mode == ConnectionMode.KeepAlive ? "keep-alive" : "close";

    /// <summary>Such as "keep-alive → close": towards the client, towards the backend.</summary>
    public static string Of(Quadrant quadrant) => quadrant.Backend is { } backend
        ? $"{Of(quadrant.Client)} → {Of(backend)}"
        : Of(quadrant.Client);

    public static string LongOf(Quadrant quadrant) => quadrant.Backend is { } backend
        ? $"clients {Of(quadrant.Client)}, backend {Of(backend)}"
        : $"clients {Of(quadrant.Client)}, no proxy";
}
