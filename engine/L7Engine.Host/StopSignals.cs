using System.Runtime.InteropServices;

namespace L7Engine.Host;

/// <summary>Turns SIGTERM and SIGINT into a request to stop, and a second one into insistence.</summary>
/// <remarks>Thread-safe: signals come on threads of their own.</remarks>
internal sealed class StopSignals : IDisposable
{
    private readonly TaskCompletionSource _asked = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly CancellationTokenSource _insisted = new();
    private readonly PosixSignalRegistration[] _registrations;

    public StopSignals() => _registrations =
    [
        PosixSignalRegistration.Create(PosixSignal.SIGTERM, OnSignal),
        PosixSignalRegistration.Create(PosixSignal.SIGINT, OnSignal),
    ];

    /// <summary>Done at the first signal.</summary>
    public Task Asked => _asked.Task;

    /// <summary>Cancelled at the second.</summary>
    public CancellationToken Insisted => _insisted.Token;

    public void Dispose()
    {
        // First the registrations: after them no signal reaches the source.
        Array.ForEach(_registrations, r => r.Dispose());
        _insisted.Dispose();
    }

    private void OnSignal(PosixSignalContext signal)
    {
        // Without this the process ends when the callback returns.
        signal.Cancel = true;
        if (!_asked.TrySetResult())
        {
            _insisted.Cancel();
        }
    }
}
