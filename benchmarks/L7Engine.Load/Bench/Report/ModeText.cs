namespace L7Engine.Load.Bench.Report;

/// <summary>Modes in words.</summary>
internal static class ModeText
{
    public static string Of(ConnectionMode mode) => mode == ConnectionMode.KeepAlive ? "keep-alive" : "close";

    public static string Of(Quadrant quadrant) => Of(quadrant.Client, quadrant.Backend);

    /// <summary>Such as "keep-alive → close": the client side, then the backend side, where there is a proxy.</summary>
    public static string Of(ConnectionMode client, ConnectionMode? backend) =>
        backend is { } other ? $"{Of(client)} → {Of(other)}" : Of(client);

    public static string LongOf(Quadrant quadrant) => quadrant.Backend is { } backend
        ? $"client {Of(quadrant.Client)}, backend {Of(backend)}"
        : $"client {Of(quadrant.Client)}, no proxy";
}
