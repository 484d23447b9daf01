using System.Text;

namespace L7Engine.Diagnostics;

/// <summary>A random token in the comment of our element of the Via field, by which we know it again.</summary>
/// <remarks>
/// A request that carries the token came from this engine and would go round for ever. It is drawn per engine, not per
/// process: two engines of one process in a row are no loop. Source: RFC 9110 section 7.6.3.
/// </remarks>
internal sealed class ViaToken
{
    private readonly byte[] _token = Encoding.ASCII.GetBytes(Entropy.NextHex());

    public ReadOnlySpan<byte> Bytes => _token;

    /// <summary>
    /// Pseudonym and comment, as in <c>l7engine (1f3a...)</c>: what follows the version in the field.
    /// </summary>
    /// <param name="pseudonym">Stands for us in place of a host name: an HTTP token.</param>
    public byte[] ElementOf(string pseudonym) =>
        [.. Encoding.ASCII.GetBytes(pseudonym), .. " ("u8, .. _token, .. ")"u8];
}
