using System.Net.Sockets;

namespace L7Engine.Transport.Portable;

/// <summary>Something that has happened to what belongs to a loop, on its way there.</summary>
/// <remarks>Noted and pumped by the loop's thread, in the two passes of a turn.</remarks>
internal interface INotice
{
    /// <summary>Tells what happened; runs no continuation.</summary>
    void Note();

    /// <summary>Runs whoever waits for it.</summary>
    void Pump();
}

/// <summary>An operation of the system whose end is a notice for a loop.</summary>
/// <remarks>
/// At most one operation at a time; one object serves a connection for all of its life. The loop's thread starts them,
/// a thread of the system ends them. No execution context flows into them.
/// </remarks>
internal abstract class Notice(PortableLoop loop) : SocketAsyncEventArgs(true), INotice
{
    /// <summary>True from the start of an operation until the loop has noted its end.</summary>
    public bool IsUnderWay { get; private set; }

    /// <param name="isPending">What starting the operation returned: false when it has ended already.</param>
    public void Begin(bool isPending)
    {
        IsUnderWay = true;
        if (!isPending)
        {
            loop.Add(this);
        }
    }

    public void Note()
    {
        IsUnderWay = false;
        OnEnded();
    }

    public abstract void Pump();

    protected abstract void OnEnded();

    protected sealed override void OnCompleted(SocketAsyncEventArgs e) => loop.Add(this);
}
