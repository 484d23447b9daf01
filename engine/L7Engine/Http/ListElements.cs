namespace L7Engine.Http;

/// <summary>The elements of a comma-separated value, without white space; empty ones are left out.</summary>
/// <remarks>Source: RFC 9110 section 5.6.1. For lists of tokens: a quoted comma would separate too.</remarks>
internal ref struct ListElements(ReadOnlySpan<byte> value)
{
    private ReadOnlySpan<byte> _rest = value;

    public ReadOnlySpan<byte> Current { get; private set; }

    public readonly ListElements GetEnumerator() => this;

    public bool MoveNext()
    {
        while (!_rest.IsEmpty)
        {
            int comma = _rest.IndexOf((byte)',');
            Current = (comma < 0 ? _rest : _rest[..comma]).Trim(HttpBytes.OptionalSpace);
            _rest = comma < 0 ? [] : _rest[(comma + 1)..];
            if (!Current.IsEmpty)
            {
                return true;
            }
        }

        return false;
    }
}
