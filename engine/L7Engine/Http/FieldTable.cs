using System.Diagnostics;

namespace L7Engine.Http;

/// <summary>The field lines of one head, in the order received.</summary>
/// <remarks>Reused from head to head: grows to the largest number of lines ever allowed and stays there.</remarks>
internal sealed class FieldTable
{
    private FieldLine[] _lines = new FieldLine[128];
    private ulong[] _nominated = new ulong[2];

    public int Count { get; private set; }

    public ReadOnlySpan<FieldLine> Lines => _lines.AsSpan(0, Count);

    public ref readonly FieldLine this[int index]
    {
        get
        {
            Debug.Assert(index < Count);
            return ref _lines[index];
        }
    }

    public void Clear()
    {
        Count = 0;
        _nominated.AsSpan().Clear();
    }

    public void Add(in FieldLine line)
    {
        if (Count == _lines.Length)
        {
            Array.Resize(ref _lines, _lines.Length * 2);
            Array.Resize(ref _nominated, _nominated.Length * 2);
        }

        _lines[Count++] = line;
    }

    /// <summary>Marks a line as named by a connection option: it is for this hop only.</summary>
    public void Nominate(int index) => _nominated[index >> 6] |= 1UL << index;

    /// <summary>True when a connection option names this line (RFC 9110 section 7.6.1).</summary>
    public bool IsNominated(int index) => (_nominated[index >> 6] >> index & 1) != 0;

    /// <summary>The index of the first line of this field, or -1.</summary>
    public int IndexOf(KnownField field)
    {
        ReadOnlySpan<FieldLine> lines = Lines;
        for (int i = 0; i < lines.Length; i++)
        {
            if (lines[i].Field == field)
            {
                return i;
            }
        }

        return -1;
    }
}
