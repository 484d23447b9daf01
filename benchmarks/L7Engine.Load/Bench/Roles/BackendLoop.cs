using System.Buffers.Text;
using System.Runtime.InteropServices;
using System.Text;
using L7Engine.Http;
using L7Engine.Transport;
using L7Engine.Transport.Epoll;

namespace L7Engine.Load.Bench.Roles;

/// <summary>The backend's thread: answers GET with a body of as many bytes as the path says, such as <c>/100</c>, and
/// the request's <c>X-Request-Id</c>.</summary>
/// <remarks>
/// Not thread-safe: the thread that runs it owns it. It is faster than what stands before it has to be, and so does as
/// little as it can. It closes first, and its system remembers the connection.
/// </remarks>
internal sealed class BackendLoop
{
    private const int MaxBodyBytes = 16 * 1024 * 1024;
    private const int MaxWaitMilliseconds = 1_000;

    private readonly Poller _poller = new();
    private readonly SlotTable _slots = new();
    private readonly RequestHead _head = new();
    private readonly byte[] _received = new byte[64 * 1024];
    private readonly byte[] _address = new byte[128];
    private readonly Dictionary<(int Bytes, bool Closes), RenderedResponse> _responses = [];

    public BackendLoop(IReadOnlyList<BackendListener> listeners)
    {
        foreach (BackendListener listener in listeners)
        {
            int slot = _slots.Add(listener);
            _poller.TryAdd(listener.Descriptor, Poller.In, slot, _slots.GenerationOf(slot));
        }
    }

    /// <summary>Serves until the process ends.</summary>
    public void Run()
    {
        while (true)
        {
            int count = _poller.Wait(MaxWaitMilliseconds);
            for (int i = 0; i < count; i++)
            {
                int slot = _poller.SlotOf(i);
                switch (slot < 0 ? null : _slots.Find(slot, _poller.GenerationOf(i)))
                {
                    case BackendListener listener:
                        Accept(listener);
                        break;
                    case BackendConnection connection:
                        OnEvent(connection);
                        break;
                }
            }
        }
    }

    private void Accept(BackendListener listener)
    {
        while (true)
        {
            int addressBytes = _address.Length;
            int descriptor = Native.Accept(
                listener.Descriptor, ref _address[0], ref addressBytes, Native.NonBlocking | Native.CloseOnExec);
            if (descriptor < 0)
            {
                return;
            }

            listener.CountConnection();
            var connection = new BackendConnection(listener, descriptor);
            connection.Slot = _slots.Add(connection);
            const int Events = Poller.In | Poller.Out | Poller.PeerFinished | Poller.EdgeTriggered;
            _poller.TryAdd(descriptor, Events, connection.Slot, _slots.GenerationOf(connection.Slot));
        }
    }

    private void OnEvent(BackendConnection connection)
    {
        if (connection.Unsent.Length > 0)
        {
            // One answer at a time: what comes meanwhile waits in the system.
            Send(connection, connection.Unsent);
            if (connection.Unsent.Length > 0 || connection.IsLast)
            {
                return;
            }
        }

        while (TryReceive(connection, out int bytes))
        {
            if (!TryAnswer(connection, _received.AsSpan(0, bytes)))
            {
                return;
            }
        }
    }

    private bool TryReceive(BackendConnection connection, out int bytes)
    {
        connection.Rest.CopyTo(_received, 0);
        int start = connection.Rest.Length;
        nint count = Native.Receive(connection.Descriptor, ref _received[start], _received.Length - start, 0);
        bytes = start + (int)count;
        bool isEnd = count == 0 || (count < 0 && Native.LastError != ErrorNumber.TryAgain);
        if (isEnd)
        {
            Close(connection);
        }

        return count > 0;
    }

    /// <returns>True when there may be more to receive.</returns>
    private bool TryAnswer(BackendConnection connection, ReadOnlySpan<byte> received)
    {
        while (received.Length > 0)
        {
            ParseStatus parsed = _head.Parse(received, HeadLimits.OfRequests);
            if (parsed == ParseStatus.NeedMore)
            {
                break;
            }

            if (parsed == ParseStatus.Invalid || !_head.Framing.IsEmpty)
            {
                Close(connection);
                return false;
            }

            Respond(connection, received);
            if (connection.IsLast)
            {
                return false;
            }

            received = received[_head.TotalBytes..];
            if (connection.Unsent.Length > 0)
            {
                break;
            }
        }

        connection.Rest = received.Length > 0 ? received.ToArray() : [];
        return connection.Unsent.Length == 0;
    }

    private void Respond(BackendConnection connection, ReadOnlySpan<byte> received)
    {
        bool closes = connection.Listener.Closes || _head.HasCloseOption;
        ReadOnlySpan<byte> path = _head.PathAndQuery.Of(received);
        int bodyBytes = path.Length > 1 && Utf8Parser.TryParse(path[1..], out int bytes, out _)
            ? Math.Clamp(bytes, 0, MaxBodyBytes)
            : 0;
        if (!_responses.TryGetValue((bodyBytes, closes), out RenderedResponse? response))
        {
            response = new RenderedResponse(bodyBytes, closes);
            _responses.Add((bodyBytes, closes), response);
        }

        foreach (ref readonly FieldLine line in _head.Fields.Lines)
        {
            if (Ascii.EqualsIgnoreCase(line.Name.Of(received), "x-request-id"u8))
            {
                response.Number(line.Value.Of(received));
            }
        }

        connection.IsLast = closes;
        connection.Listener.CountRequest();
        Send(connection, response.Bytes);
    }

    private void Send(BackendConnection connection, ReadOnlyMemory<byte> bytes)
    {
        ref byte first = ref MemoryMarshal.GetReference(bytes.Span);
        nint sent = Native.Send(connection.Descriptor, ref first, bytes.Length, Native.NoSignal);
        if (sent < 0 && Native.LastError != ErrorNumber.TryAgain)
        {
            connection.Unsent = default;
            Close(connection);
            connection.IsLast = true;
            return;
        }

        // The numbers are in what the system takes at once; bodies are the same for all.
        connection.Unsent = bytes[(int)Math.Max(0, sent)..];
        if (sent < 0)
        {
            connection.Unsent = bytes.ToArray();
        }

        if (connection.Unsent.Length == 0 && connection.IsLast)
        {
            Close(connection);
        }
    }

    private void Close(BackendConnection connection)
    {
        _slots.Remove(connection.Slot);
        _ = Native.Close(connection.Descriptor);
    }
}
