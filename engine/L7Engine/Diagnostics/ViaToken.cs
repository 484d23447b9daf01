using System.Security.Cryptography;
using System.Text;

namespace L7Engine.Diagnostics;

/// <summary>Our element of the Via field, with a random token in its comment by which we know it again.</summary>
/// <remarks>
/// A request that carries the token came from this engine and would go round for ever. It is drawn per engine, not per
/// process: two engines of one process in a row are no loop. Source: RFC 9110 section 7.6.3.
/// </remarks>
internal sealed class ViaToken
{
    private const int TokenChars = 16;

    private readonly byte[] _token;
    private readonly byte[] _element;

    /// <param name="pseudonym">Stands for us in place of a host name: an HTTP token.</param>
    public ViaToken(string pseudonym)
    {
        _token = Encoding.ASCII.GetBytes(RandomNumberGenerator.GetHexString(TokenChars, lowercase: true));
        _element = [.. Encoding.ASCII.GetBytes(pseudonym), .. " ("u8, .. _token, .. ")"u8];
    }

    /// <summary>Pseudonym and comment, as in <c>l7engine (1f3a...)</c>: what follows the version.</summary>
    public ReadOnlySpan<byte> Element => _element;

    /// <summary>Whether the value of a Via field shows that the message was here before.</summary>
    public bool IsIn(ReadOnlySpan<byte> fieldValue) => fieldValue.IndexOf(_token) >= 0;
}
