using System.IO.Pipelines;
using L7Engine.Http;
using L7Engine.Timing;
using L7Engine.Transport;

namespace L7Engine.Backends.Health;

/// <summary>Asks one backend over and over whether it is well: each time on a connection of its own.</summary>
/// <remarks>
/// Not thread-safe: the loop's thread owns it. Its one deadline is the next check's beginning, then the end of its
/// time. Both are the first tick that is not early: checks do not drift by what a tick is longer.
/// </remarks>
internal sealed class HealthCheck : TimerEntry
{
    private const int MaxBodyBytes = 64 * 1024;

    private readonly HealthWatch _watch;
    private readonly EventLoop _loop;
    private readonly List<TransportConnection> _open = [];
    private Backend _backend;
    private HealthSettings _settings;
    private byte[] _request;
    private TransportConnection? _opening;
    private TransportConnection? _asked;
    private bool _isAsking;
    private bool _isStopped;

    public HealthCheck(HealthWatch watch, EventLoop loop, Backend backend, HealthSettings settings, byte[] request)
    {
        (_watch, _loop) = (watch, loop);
        (_backend, _settings, _request) = (backend, settings, request);
    }

    public BackendHealthState Member => _backend.State.Health;

    public HealthSettings Settings => _settings;

    /// <summary>Takes what is configured from here on: the next check asks by it, and comes in its time.</summary>
    public void Apply(Backend backend, HealthSettings settings, byte[] request)
    {
        bool isSooner = settings.Check.Interval < _settings.Check.Interval;
        (_backend, _settings, _request) = (backend, settings, request);
        if (isSooner && !_isAsking)
        {
            Wait();
        }
    }

    /// <summary>Begins after the part of an interval that the lot gives; at once when it is waited for.</summary>
    public void Begin(bool isAwaited) => ArmAfter(
        isAwaited ? TimeSpan.Zero : _watch.Draw(_settings.Check.Interval * _settings.Check.Jitter));

    public void Stop()
    {
        _isStopped = true;
        _loop.Wheel.Remove(this);
        _opening?.Close();
        foreach (TransportConnection connection in _open.ToArray())
        {
            connection.Close();
        }
    }

    protected internal override void OnDue()
    {
        if (_isAsking)
        {
            // Too late: whatever is waited for ends.
            _asked?.Input.CancelPendingRead();
            _asked?.Output.CancelPendingFlush();
            return;
        }

        _ = ObservedAsync();
    }

    private async Task ObservedAsync()
    {
        try
        {
            await AskAsync();
        }
        catch (Exception bug)
        {
            _watch.ReportBug(bug);
            if (_isAsking)
            {
                End(CheckResult.LocalCause, 0);
            }
        }
    }

    private async Task AskAsync()
    {
        _isAsking = true;
        ArmAfter(_settings.Check.Timeout);
        long deadlineTick = DueTick;
        ConnectResult connected = await ConnectAsync(deadlineTick);
        _opening = null;
        if (connected.Connection is not { } connection)
        {
            End(ResultOf(connected), 0);
            return;
        }

        _open.Add(connection);
        _asked = connection;
        try
        {
            KnownMethod method = _settings.Check.Method == HealthCheckMethod.Head ? KnownMethod.Head : KnownMethod.Get;
            FlushResult sent = await connection.Output.WriteAsync(_request);
            int interimCount = 0;
            int status = 0;
            CheckResult result = sent.IsCanceled ? CheckResult.TimedOut : CheckResult.None;
            while (result == CheckResult.None)
            {
                ReadResult read = await connection.Input.ReadAsync();
                result = read.IsCanceled
                    ? Late(connection, read)
                    : _watch.Answer.Take(connection.Input, read, method, ref interimCount, out status);
            }

            _asked = null;
            End(result, status);
            if (result != CheckResult.TimedOut)
            {
                await ReadPastAsync(connection, deadlineTick);
            }
        }
        finally
        {
            // While the rest of an answer is read, the next check may have begun.
            _asked = _asked == connection ? null : _asked;
            _open.Remove(connection);
            connection.Close();
        }
    }

    private ValueTask<ConnectResult> ConnectAsync(long deadlineTick) =>
        _loop.ConnectAsync(_backend.Address, _backend.KeepAlive, deadlineTick, out _opening);

    // The backend was told to close. It does so first, after its body, so that it keeps the connection (TIME_WAIT).
    private static async Task ReadPastAsync(TransportConnection connection, long deadlineTick)
    {
        while (!connection.IsDead && connection.BytesReceived < MaxBodyBytes)
        {
            connection.ReadDeadlineTick = deadlineTick;
            ReadResult read = await connection.Input.ReadAsync();
            connection.Input.AdvanceTo(read.Buffer.End);
            if (read.IsCanceled || read.IsCompleted)
            {
                return;
            }
        }
    }

    private static CheckResult Late(TransportConnection connection, in ReadResult read)
    {
        connection.Input.AdvanceTo(read.Buffer.Start, read.Buffer.End);
        return connection.IsStarved ? CheckResult.LocalCause : CheckResult.TimedOut;
    }

    private static CheckResult ResultOf(in ConnectResult connected) =>
        connected.IsLocalCause || connected.IsAborted ? CheckResult.LocalCause
        : connected.IsTimedOut ? CheckResult.TimedOut
        : CheckResult.ConnectFailed;

    private void End(CheckResult result, int status)
    {
        _isAsking = false;
        if (_isStopped)
        {
            return;
        }

        bool isWrong = result == CheckResult.Passed && !_settings.IsExpected(status);
        Wait();
        _watch.Take(this, isWrong ? CheckResult.UnexpectedStatus : result, status);
    }

    private void Wait()
    {
        TimeSpan interval = _settings.Check.Interval;
        ArmAfter(interval + _watch.Draw(interval * _settings.Check.Jitter));
    }

    private void ArmAfter(TimeSpan duration)
    {
        long due = _loop.NowMilliseconds + (long)duration.TotalMilliseconds;
        _loop.Wheel.Arm(this, (due + EventLoop.MillisecondsPerTick - 1) / EventLoop.MillisecondsPerTick);
    }
}
