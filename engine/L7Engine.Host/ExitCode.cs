namespace L7Engine.Host;

/// <summary>What the command tells the shell.</summary>
internal static class ExitCode
{
    public const int Ok = 0;
    public const int Failure = 1;

    /// <summary>The command line or the configuration is wrong; nothing was started.</summary>
    public const int Usage = 2;

    /// <summary>An address cannot be listened on, or something else that a command needs is not to be had.</summary>
    public const int CannotListen = 3;
}
