using System.Net;
using System.Text;
using L7Engine.Diagnostics;
using L7Engine.Http;
using L7Engine.Timing;
using L7Engine.Transport;

namespace L7Engine.Configuration;

/// <summary>A listener's options in the form in which an exchange needs them.</summary>
internal sealed class ListenerPlan
{
    private readonly IPNetwork[] _trusted;
    private readonly byte[][] _upgradeProtocols;

    public ListenerPlan(ListenerOptions options, ViaToken viaToken)
    {
        KeepAliveOptions keepAlive = options.KeepAlive;
        Options = options;
        Persists = keepAlive.Enabled && keepAlive.IdleTimeout > TimeSpan.Zero;
        IdleTicks = TimerWheel.TicksOf(keepAlive.IdleTimeout);
        MaxRequests = keepAlive.MaxRequests > 0 ? keepAlive.MaxRequests : int.MaxValue;
        MaxAgeMilliseconds =
            keepAlive.MaxAge > TimeSpan.Zero ? (long)keepAlive.MaxAge.TotalMilliseconds : long.MaxValue;
        AnnouncesKeepAlive = keepAlive.AnnounceConnection;

        // A client that believes a longer timeout than ours would send into a connection that is closing.
        int seconds = (int)keepAlive.IdleTimeout.TotalSeconds - 1;
        KeepAliveParameters = keepAlive.AnnounceTimeout && seconds > 0
            ? Encoding.ASCII.GetBytes(FormattableString.Invariant($"timeout={seconds}"))
            : [];
        Forwarded = options.Forwarded.Mode switch
        {
            ForwardedFields.Append => ForwardedMode.Append,
            ForwardedFields.Off => ForwardedMode.Off,
            _ => ForwardedMode.Set,
        };
        Via = options.Via is null ? [] : viaToken.ElementOf(options.Via);
        _trusted = [.. options.TrustedProxies];
        _upgradeProtocols = [.. options.UpgradeProtocols.Select(Encoding.ASCII.GetBytes)];
        Settings = new ListenSettings(options.Backlog, options.SharePort, TcpKeepAlive.Of(options.TcpKeepAlive));
    }

    public ListenerOptions Options { get; }

    /// <summary>Whether connections may stay open after a response at all.</summary>
    public bool Persists { get; }

    public long IdleTicks { get; }

    public int MaxRequests { get; }

    public long MaxAgeMilliseconds { get; }

    public bool AnnouncesKeepAlive { get; }

    public byte[] KeepAliveParameters { get; }

    public ForwardedMode Forwarded { get; }

    /// <summary>Our element of Via without the version; empty for none.</summary>
    public byte[] Via { get; }

    public ListenSettings Settings { get; }

    public bool Trusts(in PeerAddress peer)
    {
        foreach (IPNetwork network in _trusted)
        {
            if (peer.IsIn(network))
            {
                return true;
            }
        }

        return false;
    }

    /// <returns>Which protocol of the list a request asks to switch to, or -1.</returns>
    public int UpgradeIndexOf(ReadOnlySpan<byte> protocol)
    {
        for (int i = 0; i < _upgradeProtocols.Length; i++)
        {
            if (Ascii.EqualsIgnoreCase(protocol, _upgradeProtocols[i]))
            {
                return i;
            }
        }

        return -1;
    }
}
