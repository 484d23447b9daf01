namespace L7Engine.Load.Bench.Report;

/// <summary>Modes in words.</summary>
internal static class ModeText
{
    public static string Of(ConnectionMode mode) => mode == ConnectionMode.KeepAlive ? "keep-alive" : "close";

    /// <summary>Such as "keep-alive → close": the client side, then the backend side.</summary>
    public static string Of(Quadrant quadrant) => quadrant.Backend is { } backend
        ? $"{Of(quadrant.Client)} → {Of(backend)}"
        : Of(quadrant.Client);

    public static string LongOf(Quadrant quadrant) => quadrant.Backend is { } backend
        ? $"client {Of(quadrant.Client)}, backend {Of(backend)}"
        : $"client {Of(quadrant.Client)}, no proxy";
}
