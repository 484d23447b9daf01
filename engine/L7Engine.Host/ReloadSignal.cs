using System.Runtime.InteropServices;
using System.Threading.Channels;

namespace L7Engine.Host;

/// <summary>Turns SIGHUP into an order to read the configuration again.</summary>
/// <remarks>
/// Thread-safe: signals come on threads of their own. Those that come while an order is waiting are one with it; one
/// that comes while an order is carried out is another, because the file may have changed since it was read.
/// </remarks>
internal sealed class ReloadSignal : IDisposable
{
    private readonly Channel<bool> _orders =
        Channel.CreateBounded<bool>(new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite });

    private readonly PosixSignalRegistration? _registration;

    public ReloadSignal()
    {
        // Elsewhere it means that the console is closed.
        if (!OperatingSystem.IsWindows())
        {
            _registration = PosixSignalRegistration.Create(PosixSignal.SIGHUP, OnSignal);
        }
    }

    /// <summary>One for each order; it ends with <see cref="Stop"/>.</summary>
    public IAsyncEnumerable<bool> Orders => _orders.Reader.ReadAllAsync();

    /// <summary>Takes no more orders.</summary>
    public void Stop() => _orders.Writer.TryComplete();

    public void Dispose()
    {
        _registration?.Dispose();
        Stop();
    }

    private void OnSignal(PosixSignalContext signal)
    {
        // Without this the process ends when the callback returns.
        signal.Cancel = true;
        _orders.Writer.TryWrite(true);
    }
}
