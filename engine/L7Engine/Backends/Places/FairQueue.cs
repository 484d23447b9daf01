using System.Runtime.InteropServices;
using L7Engine.Diagnostics;

namespace L7Engine.Backends.Places;

/// <summary>Requests that wait: a line for each client, and the clients have their turns.</summary>
/// <remarks>
/// Not thread-safe: a lock owns it. Everything is O(1) but for requests that have tried a backend before: when it is of
/// use to others, those before them are passed over one by one.
/// <code>
///   turns:   a ──► b ──► c          b's turn comes after a's, however many a has.
///            1     1     1
///            2           2          A client with nothing left loses its turn; the next
///            3                      request of the same client is behind all others.
/// </code>
/// </remarks>
internal sealed class FairQueue
{
    private readonly Dictionary<ClientKey, ClientLine> _lines = [];
    private readonly LinkedList<ClientLine> _turns = new();
    private readonly List<LinkedList<ClientLine>> _byLength = [];
    private readonly Stack<ClientLine> _unused = new();

    // How many of those that wait have tried a backend; those that none has are not in it.
    private readonly Dictionary<BackendState, int> _tried = [];

    public int Count { get; private set; }

    public int ClientCount => _lines.Count;

    /// <summary>The most that one client has; 0 when nothing waits.</summary>
    public int Longest { get; private set; }

    public int CountOf(ClientKey client) =>
        _lines.TryGetValue(client, out ClientLine? line) ? line.Requests.Count : 0;

    /// <summary>Puts a request at the end of its client's line.</summary>
    public void Add(QueuedRequest request)
    {
        ref ClientLine? line = ref CollectionsMarshal.GetValueRefOrAddDefault(_lines, request.Client, out bool exists);
        if (!exists)
        {
            line = _unused.TryPop(out ClientLine? unused) ? unused : new ClientLine();
            _turns.AddLast(line.Turn);
        }

        line!.Requests.AddLast(request.Node);
        Count++;
        CountTried(request, 1);
        Rank(line, before: line.Requests.Count - 1);
    }

    public void Remove(QueuedRequest request)
    {
        ClientLine line = _lines[request.Client];
        line.Requests.Remove(request.Node);
        Count--;
        CountTried(request, -1);
        Rank(line, before: line.Requests.Count + 1);
        if (line.Requests.Count == 0)
        {
            _turns.Remove(line.Turn);
            _lines.Remove(request.Client);
            _unused.Push(line);
        }
    }

    /// <summary>Finds whose turn it is, of those that a place at the backend is of use to.</summary>
    /// <returns>Null when it is of use to none.</returns>
    public QueuedRequest? FindNext(BackendState backend)
    {
        if (_tried.GetValueOrDefault(backend) == Count)
        {
            return null;
        }

        for (LinkedListNode<ClientLine>? turn = _turns.First; turn is not null; turn = turn.Next)
        {
            if (turn.Value.FirstFor(backend) is { } request)
            {
                return request;
            }
        }

        return null;
    }

    /// <summary>Takes what was found: its client waits for another turn; those passed over keep theirs.</summary>
    public void Take(QueuedRequest request)
    {
        ClientLine line = _lines[request.Client];
        _turns.Remove(line.Turn);
        _turns.AddLast(line.Turn);
        Remove(request);
    }

    /// <summary>Takes the newest request of the client that has the most, to make room for one of another.</summary>
    /// <returns>Null when the other would then have as many or more: it has its share.</returns>
    public QueuedRequest? TakeSurplus(ClientKey newcomer)
    {
        if (Longest <= CountOf(newcomer) + 1)
        {
            return null;
        }

        QueuedRequest request = _byLength[Longest].First!.Value.Requests.Last!.Value;
        Remove(request);
        return request;
    }

    private void CountTried(QueuedRequest request, int change)
    {
        foreach (BackendState backend in request.Tried)
        {
            ref int count = ref CollectionsMarshal.GetValueRefOrAddDefault(_tried, backend, out _);
            count += change;
            if (count == 0)
            {
                _tried.Remove(backend);
            }
        }
    }

    // A length changes by one, so that the longest does, too.
    private void Rank(ClientLine line, int before)
    {
        int length = line.Requests.Count;
        while (_byLength.Count <= length)
        {
            _byLength.Add(new LinkedList<ClientLine>());
        }

        if (before > 0)
        {
            _byLength[before].Remove(line.Rank);
        }

        if (length > 0)
        {
            _byLength[length].AddLast(line.Rank);
        }

        Longest = length > Longest ? length
            : before == Longest && _byLength[before].Count == 0 ? length
            : Longest;
    }

    private sealed class ClientLine
    {
        public ClientLine()
        {
            Turn = new LinkedListNode<ClientLine>(this);
            Rank = new LinkedListNode<ClientLine>(this);
        }

        public LinkedList<QueuedRequest> Requests { get; } = new();

        /// <summary>Its place among the clients that have their turns.</summary>
        public LinkedListNode<ClientLine> Turn { get; }

        /// <summary>Its place among the clients that have as many.</summary>
        public LinkedListNode<ClientLine> Rank { get; }

        public QueuedRequest? FirstFor(BackendState backend)
        {
            LinkedListNode<QueuedRequest>? node = Requests.First;
            while (node is not null && node.Value.HasTried(backend))
            {
                node = node.Next;
            }

            return node?.Value;
        }
    }
}
