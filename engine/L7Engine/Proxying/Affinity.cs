using System.Text;
using L7Engine.Backends;
using L7Engine.Balancing;
using L7Engine.Http;

namespace L7Engine.Proxying;

/// <summary>What binds one request to a backend, and its client's next ones: the cookie that came, and the one that
/// goes.</summary>
/// <remarks>Not thread-safe: the loop's thread owns it.</remarks>
internal sealed class Affinity(Worker worker)
{
    // Of our name: each costs a hash. Another site of the same domain may have set some.
    private const int MaxTries = 4;

    private AffinityCookie? _cookie;
    private Backend? _wanted;
    private bool _isOld;
    private bool _isSecure;

    /// <summary>The cookie that is not passed on to backends; empty when there is none.</summary>
    public ReadOnlySpan<byte> OwnCookie => _cookie is null ? default : _cookie.Name;

    private long NowSeconds => worker.Loop.UtcNow.ToUnixTimeSeconds();

    /// <summary>Looks for the cookie of the group that a request goes to.</summary>
    /// <returns>The index of the backend that it names; -1 when there is no cookie, or a bad one, or one that has
    /// expired.</returns>
    public int Take(LoopPlan plan, int group, RequestHead head, ReadOnlySpan<byte> received, bool isPeerTrusted)
    {
        Clear();
        _cookie = plan.Affinities[group];
        if (_cookie is null)
        {
            return -1;
        }

        _isSecure = _cookie.Secure == AffinitySecure.Always
            || (_cookie.Secure == AffinitySecure.Auto && isPeerTrusted && CameOverHttps(head, received));
        int wanted = Find(_cookie, head.Fields, received);
        _wanted = wanted < 0 ? null : plan.Snapshot.Groups[group].Backends[wanted];
        return wanted;
    }

    /// <summary>The value of the Set-Cookie that goes with a response; empty when there is no need of one.</summary>
    public ReadOnlySpan<byte> CookieFor(BackendChoice choice)
    {
        if (_cookie is null || IsStillGood(choice))
        {
            return default;
        }

        return _cookie.Bind(choice.Backend, NowSeconds, _isSecure);
    }

    public void Clear() => (_cookie, _wanted, _isOld, _isSecure) = (null, null, false, false);

    // One that had no place for this request is to have the next one again.
    private bool IsStillGood(BackendChoice choice) => _wanted is not null
        && (choice.Backend.State == _wanted.State ? !_isOld : _wanted.TakesBound && !choice.HasTried(_wanted.State));

    private static bool CameOverHttps(RequestHead head, ReadOnlySpan<byte> received)
    {
        int line = head.Fields.IndexOf(KnownField.XForwardedProto);
        return line >= 0 && Ascii.EqualsIgnoreCase(head.Fields[line].Value.Of(received), "https"u8);
    }

    private int Find(AffinityCookie cookie, FieldTable fields, ReadOnlySpan<byte> received)
    {
        int tries = 0;
        foreach (ref readonly FieldLine line in fields.Lines)
        {
            if (line.Field != KnownField.Cookie)
            {
                continue;
            }

            foreach (ReadOnlySpan<byte> pair in new CookiePairs(line.Value.Of(received)))
            {
                if (CookiePairs.TryGetValue(pair, cookie.Name, out ReadOnlySpan<byte> value) && tries++ < MaxTries)
                {
                    int found = cookie.Open(value, NowSeconds, out _isOld);
                    if (found >= 0)
                    {
                        return found;
                    }
                }
            }
        }

        return -1;
    }
}
