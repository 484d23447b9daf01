namespace L7Engine.Http;

/// <summary>The parameters of a Keep-Alive field (RFC 2068 section 19.7.1.1).</summary>
/// <param name="TimeoutSeconds">0 writes none.</param>
/// <param name="RequestsLeft">On this connection, after this one; 0 writes none.</param>
internal readonly record struct KeepAliveTerms(int TimeoutSeconds, int RequestsLeft)
{
    public bool IsEmpty => TimeoutSeconds == 0 && RequestsLeft == 0;
}
