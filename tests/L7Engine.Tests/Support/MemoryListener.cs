using System.Net;
using L7Engine.Timing;
using L7Engine.Transport;

namespace L7Engine.Tests.Support;

/// <summary>An address that a <see cref="MemoryLoop"/> listens at. Of loops that share one the seed picks.</summary>
internal sealed class MemoryListener : TransportListener, ISimListener
{
    private readonly MemoryLoop _loop;
    private readonly SimNetwork _network;
    private int _backlog;
    private TcpKeepAlive _keepAlive;
    private readonly Queue<SimSocket> _waiting = new();
    private readonly LoopCompletion<TransportConnection?> _accepting = new();
    private readonly Pause _pause;
    private bool _isOn = true;
    private bool _isExhausted;
    private bool _isFinishing;
    private bool _isClosed;

    public MemoryListener(MemoryLoop loop, SimNetwork network, IPEndPoint address, in ListenSettings settings)
    {
        _loop = loop;
        _network = network;
        (_backlog, _keepAlive) = (settings.Backlog, settings.KeepAlive);
        _pause = new Pause(this);
        SharesAddress = settings.IsSibling || settings.SharePort;
        Address = network.Bind(address, this);
    }

    public override IPEndPoint Address { get; }

    public bool SharesAddress { get; }

    /// <summary>The errno that the next accepts fail with: EMFILE, for one. 0 for none.</summary>
    public int AcceptError { get; set; }

    /// <summary>Finishing throws, as a bug would.</summary>
    public bool HasBug { get; set; }

    /// <summary>Called before it is asked for a connection: it may throw, as a bug would.</summary>
    public Action? OnAccept { get; set; }

    /// <summary>Called before accepting stops: it may throw, as a bug would.</summary>
    public Action? OnStopAccepting { get; set; }

    /// <summary>Called before accepting begins again: it may throw, as a bug would.</summary>
    public Action? OnResumeAccepting { get; set; }

    private bool IsPaused => _pause.IsScheduled;

    public override ValueTask<TransportConnection?> AcceptAsync()
    {
        OnAccept?.Invoke();
        return _isClosed ? new ValueTask<TransportConnection?>((TransportConnection?)null)
            : TryAccept() is { } connection ? new ValueTask<TransportConnection?>(connection)
            : _accepting.WaitAsync();
    }

    public override void SetAccepting(bool accepting)
    {
        (accepting ? OnResumeAccepting : OnStopAccepting)?.Invoke();
        _isOn = accepting;
        _loop.Wake();
    }

    public override void Configure(in ListenSettings settings) =>
        (_backlog, _keepAlive) = (settings.Backlog, settings.KeepAlive);

    public override void Close()
    {
        if (_isClosed)
        {
            return;
        }

        _isClosed = true;
        _network.Unbind(Address, this);
        while (_waiting.TryDequeue(out SimSocket? socket))
        {
            socket.Close(reset: true);
        }

        _loop.Wheel.Remove(_pause);
        _loop.Wake();
    }

    public override void Finish()
    {
        _isFinishing = HasBug ? throw new InvalidOperationException("A bug of a test.") : true;
        _loop.Wake();
    }

    bool ISimListener.TryAdmit(SimSocket socket)
    {
        if (_waiting.Count >= _backlog)
        {
            return false;
        }

        _waiting.Enqueue(socket);
        _loop.Wake();
        return true;
    }

    /// <summary>Hands over what waits. The loop calls it every turn.</summary>
    internal void Pump()
    {
        if (_isFinishing && _waiting.Count == 0)
        {
            Close();
        }

        if (_isClosed)
        {
            _loop.Remove(this);
        }

        if (_accepting.IsPending && (_isClosed || CanAccept()))
        {
            _accepting.Complete(_isClosed ? null : TryAccept());
        }
    }

    /// <summary>A descriptor is free again.</summary>
    internal void Retry()
    {
        if (IsPaused)
        {
            _loop.Wheel.Remove(_pause);
            _loop.Wake();
        }
    }

    private MemoryConnection? TryAccept() =>
        CanAccept() ? new MemoryConnection(_loop, _waiting.Dequeue(), _keepAlive) : null;

    private bool CanAccept()
    {
        if (!_isOn || IsPaused || _waiting.Count == 0)
        {
            return false;
        }

        if (AcceptError != 0)
        {
            _loop.Wheel.Arm(_pause, _loop.Wheel.TickAfter(1));
            if (!_isExhausted)
            {
                _isExhausted = true;
                AcceptPaused?.Invoke(AcceptError);
            }

            return false;
        }

        _isExhausted = false;
        return true;
    }

    private sealed class Pause(MemoryListener listener) : TimerEntry
    {
        protected internal override void OnDue() => listener._loop.Wake();
    }
}
