namespace L7Engine.Load.Traffic;

/// <summary>One kind of request, and what its response must be.</summary>
public sealed record RequestKind
{
    /// <summary>The method.</summary>
    public string Method { get; init; } = "GET";

    /// <summary>The path with its query.</summary>
    public string Path { get; init; } = "/";

    /// <summary>How often it is sent, relative to the others of the mix; from 1 on.</summary>
    public int Weight { get; init; } = 1;

    /// <summary>Size of the request's body in bytes; 0 sends none.</summary>
    public int BodyBytes { get; init; }

    /// <summary>The status that is right.</summary>
    public int ExpectedStatus { get; init; } = 200;

    /// <summary>The size of the response's body that is right, in bytes; null for any.</summary>
    public long? ExpectedBytes { get; init; }

    /// <summary>Whether the response must repeat the request's <c>X-Request-Id</c>.</summary>
    public bool EchoesId { get; init; }
}
