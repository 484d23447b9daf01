namespace L7Engine.Host;

/// <summary>The command <c>l7engine</c>.</summary>
internal static class Program
{
    private static int Main() => 2;
}
