using System.Diagnostics;
using System.Numerics;
using L7Engine.Diagnostics;

namespace L7Engine.Clients;

/// <summary>
/// Which connection of a loop to close for others: one that lingers, else always one of the client that has the most of
/// those without an exchange; of that client's the quiet before the ones within a head, and the oldest first.
/// </summary>
/// <remarks>
/// Not thread-safe: the loop's thread owns it. Every call is O(1). It is made when connections run short and dropped
/// afterwards, so it keeps all by slot: a connection has no field for it, and costs 16 bytes here.
/// </remarks>
internal sealed class FairEviction
{
    private readonly EvictionBoard _board;
    private readonly int _loop;
    private readonly ClientRanking _ranking;
    private Holding[] _holdings;
    private Slot[] _slots;
    private SlotLink[] _links;
    private SlotList _lingering;
    private int _endingCount;

    /// <param name="loop">The number of the loop on the board.</param>
    /// <param name="slots">How many slots, and clients, to make room for at first.</param>
    public FairEviction(EvictionBoard board, int loop, int slots)
    {
        (_board, _loop) = (board, loop);
        _ranking = new ClientRanking(slots);
        _holdings = new Holding[slots + 1];
        _slots = new Slot[slots];
        _links = new SlotLink[slots];
        Show();
    }

    /// <summary>The slot of the connection to close first; -1 when every one carries an exchange.</summary>
    public int Next => !_lingering.IsEmpty ? _lingering.First
        : _ranking.Top == 0 ? -1
        : _holdings[_ranking.First] is { Quiet.IsEmpty: false } holding ? holding.Quiet.First
        : _holdings[_ranking.First].InHead.First;

    /// <summary>True when every client has one connection without an exchange here at most, and the next is one of
    /// those.</summary>
    public bool IsNextAnOnlyOne => _lingering.IsEmpty && _ranking.Top == 1;

    /// <summary>Takes a connection in, behind those that were taken before.</summary>
    public void Add(int slot, ClientKey client, ClientState state)
    {
        if (slot >= _slots.Length)
        {
            int length = (int)BitOperations.RoundUpToPowerOf2((uint)slot + 1);
            Array.Resize(ref _slots, length);
            Array.Resize(ref _links, length);
        }

        Debug.Assert(_slots[slot].Place == Place.None, "A slot has one connection.");
        int number = _ranking.Open(client);
        if (number >= _holdings.Length)
        {
            Array.Resize(ref _holdings, 2 * _holdings.Length);
        }

        _slots[slot].Client = number;
        Put(slot, PlaceOf(state));
        Show();
    }

    /// <summary>Follows a connection into another state.</summary>
    public void Move(int slot, ClientState state)
    {
        ref Slot at = ref _slots[slot];
        Debug.Assert(at.Place != Place.None, "Every open connection is in here.");
        Put(slot, PlaceOf(state));
        if (state == ClientState.Closed)
        {
            _ranking.Close(at.Client);
        }

        Show();
    }

    /// <summary>A connection turns out to be another client's; it is behind those that are that client's already.
    /// </summary>
    public void Reassign(int slot, ClientKey client, ClientState state)
    {
        Move(slot, ClientState.Closed);
        Add(slot, client, state);
    }

    /// <summary>Leaves out a connection that was told to close, until it moves.</summary>
    public void End(int slot)
    {
        Put(slot, Place.Ending);
        Show();
    }

    private static Place PlaceOf(ClientState state) => state switch
    {
        ClientState.Accepted or ClientState.Idle => Place.Quiet,
        ClientState.ReadingHead => Place.InHead,
        ClientState.Lingering => Place.Lingering,
        ClientState.Closed => Place.None,
        _ => Place.Busy,
    };

    private static bool Counts(Place place) => place is Place.Quiet or Place.InHead;

    private void Put(int slot, Place place)
    {
        Place from = _slots[slot].Place;
        int client = _slots[slot].Client;
        TakeOut(slot, from);
        _slots[slot].Place = place;
        switch (place)
        {
            case Place.Quiet:
                _holdings[client].Quiet.Append(slot, _links);
                break;
            case Place.InHead:
                _holdings[client].InHead.Append(slot, _links);
                break;
            case Place.Lingering:
                _lingering.Append(slot, _links);
                break;
            case Place.Ending:
                _endingCount++;
                break;
        }

        if (Counts(from) && !Counts(place))
        {
            _ranking.Lower(client);
        }
        else if (Counts(place) && !Counts(from))
        {
            _ranking.Raise(client);
        }
    }

    private void TakeOut(int slot, Place from)
    {
        ref Holding holding = ref _holdings[_slots[slot].Client];
        switch (from)
        {
            case Place.Quiet:
                holding.Quiet.Remove(slot, _links);
                break;
            case Place.InHead:
                holding.InHead.Remove(slot, _links);
                break;
            case Place.Lingering:
                _lingering.Remove(slot, _links);
                break;
            case Place.Ending:
                _endingCount--;
                break;
        }
    }

    private void Show() => _board.Show(_loop, _ranking.Top, _endingCount);

    private enum Place : byte
    {
        None,

        /// <summary>In an exchange or a tunnel.</summary>
        Busy,

        /// <summary>Idle, or accepted without a byte.</summary>
        Quiet,

        /// <summary>Within a head that is not complete.</summary>
        InHead,
        Lingering,

        /// <summary>Told to close.</summary>
        Ending,
    }

    private struct Slot
    {
        public int Client;
        public Place Place;
    }

    /// <summary>What one client could do without.</summary>
    private struct Holding
    {
        public SlotList Quiet;
        public SlotList InHead;
    }
}
