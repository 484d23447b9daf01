using System.Net.Sockets;
using System.Runtime.InteropServices;

namespace L7Engine.Transport.Epoll;

/// <summary>An epoll descriptor, what wakes it, and the events of one wait.</summary>
/// <remarks>
/// Events are words and not a struct, because their layout depends on the processor: flags, slot, generation, packed on
/// x64; with a word of padding behind the flags elsewhere. Slot and generation are the 64 bits the kernel gives back.
/// </remarks>
internal sealed class Poller
{
    public const int In = 1;
    public const int Out = 4;
    public const int Error = 8;
    public const int HangUp = 0x10;
    public const int PeerFinished = 0x2000;
    public const int EdgeTriggered = 1 << 31;

    /// <summary>The slot of the descriptor that wakes the wait.</summary>
    public const int WakeSlot = -1;

    public const int MaxEvents = 256;

    private static readonly int WordsPerEvent = RuntimeInformation.ProcessArchitecture == Architecture.X64 ? 3 : 4;

    private readonly int _epoll;
    private readonly int _wake;
    private readonly int[] _events = new int[MaxEvents * WordsPerEvent];
    private readonly int[] _event = new int[WordsPerEvent];

    /// <exception cref="SocketException">There are no descriptors left, or no memory.</exception>
    public Poller()
    {
        _epoll = Native.EpollCreate(Native.CloseOnExec);
        _wake = _epoll < 0 ? -1 : Native.EventDescriptor(0, Native.NonBlocking | Native.CloseOnExec);

        // Edge-triggered: each write is an event of its own, so that the counter never has to be read.
        if (_wake < 0 || !TryAdd(_wake, In | EdgeTriggered, WakeSlot, 0))
        {
            int error = Native.LastError;
            Close();
            throw new SocketException((int)ErrorNumber.ToSocketError(error));
        }
    }

    public bool TryAdd(int descriptor, int flags, int slot, int generation) =>
        Control(Native.EpollAdd, descriptor, flags, slot, generation) == 0;

    public void Modify(int descriptor, int flags, int slot, int generation) =>
        _ = Control(Native.EpollModify, descriptor, flags, slot, generation);

    /// <returns>How many events there are.</returns>
    public int Wait(int timeoutMilliseconds) =>
        Math.Max(0, Native.EpollWait(_epoll, ref _events[0], MaxEvents, timeoutMilliseconds));

    public int FlagsOf(int index) => _events[index * WordsPerEvent];

    public int SlotOf(int index) => _events[((index + 1) * WordsPerEvent) - 2];

    public int GenerationOf(int index) => _events[((index + 1) * WordsPerEvent) - 1];

    /// <summary>Ends the wait. From any thread, before <see cref="Close"/>.</summary>
    public void Wake()
    {
        ulong one = 1;
        _ = Native.Write(_wake, ref one, sizeof(ulong));
    }

    public void Close()
    {
        _ = Native.Close(_wake);
        _ = Native.Close(_epoll);
    }

    private int Control(int operation, int descriptor, int flags, int slot, int generation)
    {
        _event[0] = flags;
        _event[WordsPerEvent - 2] = slot;
        _event[WordsPerEvent - 1] = generation;
        return Native.EpollControl(_epoll, operation, descriptor, ref _event[0]);
    }
}
