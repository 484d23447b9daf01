namespace L7Engine.Http;

/// <summary>The pairs of a Cookie field as they stand there, in order; blank ones are left out.</summary>
/// <remarks>
/// Source: RFC 6265 section 4.2.1. A semicolon always separates: it cannot be quoted.
/// </remarks>
internal ref struct CookiePairs(ReadOnlySpan<byte> value)
{
    private ReadOnlySpan<byte> _rest = value;

    /// <summary>With the white space before it.</summary>
    public ReadOnlySpan<byte> Current { get; private set; }

    public readonly CookiePairs GetEnumerator() => this;

    public bool MoveNext()
    {
        while (!_rest.IsEmpty)
        {
            int end = _rest.IndexOf((byte)';');
            Current = end < 0 ? _rest : _rest[..end];
            _rest = end < 0 ? default : _rest[(end + 1)..];
            if (Current.ContainsAnyExcept(HttpBytes.OptionalSpace))
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>Whether a field has a pair of this name; case matters.</summary>
    public static bool Has(ReadOnlySpan<byte> value, ReadOnlySpan<byte> name)
    {
        // Nearly always this says no at once.
        if (value.IndexOf(name) < 0)
        {
            return false;
        }

        foreach (ReadOnlySpan<byte> pair in new CookiePairs(value))
        {
            if (TryGetValue(pair, name, out _))
            {
                return true;
            }
        }

        return false;
    }

    /// <returns>False when the pair has another name.</returns>
    public static bool TryGetValue(ReadOnlySpan<byte> pair, ReadOnlySpan<byte> name, out ReadOnlySpan<byte> value)
    {
        int equals = pair.IndexOf((byte)'=');
        bool isNamed = equals > 0 && pair[..equals].Trim(HttpBytes.OptionalSpace).SequenceEqual(name);
        value = isNamed ? pair[(equals + 1)..].Trim(HttpBytes.OptionalSpace) : default;
        return isNamed;
    }
}
