using System.Security.Cryptography;
using System.Text;
using L7Engine.Configuration;

namespace L7Engine;

/// <summary>A cookie of ours that brings a client back to the backend that served it before.</summary>
/// <remarks>
/// It names its backend and when it expires, sealed by HMAC-SHA256 (RFC 2104), so that no client can choose a backend
/// or learn of one. It comes before the policy, and is not passed on to backends.
/// </remarks>
public sealed record AffinityOptions
{
    /// <summary>The form in which a key is shown where it must not be read.</summary>
    private const string HiddenPrefix = "hidden:";

    private const int MinKeyBytes = 16;

    /// <summary>Whether clients are bound to backends.</summary>
    /// <value>Default false.</value>
    public bool Enabled { get; init; }

    /// <summary>The name of the cookie.</summary>
    /// <value>Default <c>l7affinity</c>. Groups that one host has routes to need a name each.</value>
    public string Cookie { get; init; } = "l7affinity";

    /// <summary>What seals it, the same in every engine before the same backends; another one voids all cookies.
    /// </summary>
    /// <value>Default null; required where it is enabled. At least 16 bytes by lot, in Base64 (RFC 4648).</value>
    public string? Key { get; init; }

    /// <summary>How long it is valid. Renewed once less than half of that is left.</summary>
    /// <value>Default 1 hour. Whole seconds, 10 s to 365 days.</value>
    public TimeSpan MaxAge { get; init; } = TimeSpan.FromHours(1);

    /// <summary>Whether it comes along with requests from other sites.</summary>
    /// <value>Default <see cref="AffinitySameSite.Lax"/>.</value>
    public AffinitySameSite SameSite { get; init; } = AffinitySameSite.Lax;

    /// <summary>Whether clients may send it over HTTPS only.</summary>
    /// <value>Default <see cref="AffinitySecure.Auto"/>.</value>
    public AffinitySecure Secure { get; init; } = AffinitySecure.Auto;

    /// <summary>The key in a form in which two can be compared, and neither be read.</summary>
    /// <returns>The first four bytes of its SHA-256; null when there is no key.</returns>
    public string? HiddenKey() => Key is null || Key.StartsWith(HiddenPrefix, StringComparison.Ordinal)
        ? Key
        : HiddenPrefix + Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(Key)).AsSpan(0, 4));

    /// <summary>As any record, but without the key: this ends up in logs.</summary>
    public override string ToString() => $"{nameof(AffinityOptions)} {{ Enabled = {Enabled}, Cookie = {Cookie}, " +
        $"Key = {HiddenKey()}, MaxAge = {MaxAge}, SameSite = {SameSite}, Secure = {Secure} }}";

    /// <returns>Null when the key is not of the form that is asked for.</returns>
    internal byte[]? KeyBytes()
    {
        byte[] bytes = new byte[Key?.Length ?? 0];
        return Convert.TryFromBase64String(Key ?? "", bytes, out int written) && written >= MinKeyBytes
            ? bytes[..written]
            : null;
    }

    internal void Validate(ConfigErrors errors)
    {
        if (!HttpText.IsToken(Cookie))
        {
            errors.Add("cookie", $"is \"{Cookie}\"; it must be the name of a cookie");
        }

        // What it is must not be told: errors are logged.
        if (KeyBytes() is null && (Enabled || Key is not null))
        {
            string found = Key is null ? "is missing" : "is too short, or not in Base64";
            errors.Add("key", $"{found}; it must be 16 bytes or more by lot, in Base64 (openssl rand -base64 32)");
        }

        errors.RequireWholeSeconds(MaxAge, 10, 365 * 24 * 60 * 60);
        errors.RequireDefined(SameSite);
        errors.RequireDefined(Secure);
        if (SameSite == AffinitySameSite.None && Secure != AffinitySecure.Always)
        {
            errors.Add("secure", "must be \"always\" where sameSite is \"none\": clients drop the cookie otherwise");
        }
    }
}
