using System.Net;
using Microsoft.Extensions.Logging;

namespace L7Engine;

/// <summary>A load balancer for HTTP/1.x: accepts clients, and sends their requests to backends.</summary>
/// <remarks>Thread-safe. Made, started, drained and disposed once.</remarks>
public sealed class LoadBalancer : IAsyncDisposable
{
    /// <param name="options">The configuration.</param>
    /// <param name="loggerFactory">Where log events go; null logs nothing.</param>
    /// <exception cref="ConfigurationException">The configuration breaks rules; all of them are listed.</exception>
    public LoadBalancer(LoadBalancerOptions options, ILoggerFactory? loggerFactory = null)
    {
        ArgumentNullException.ThrowIfNull(options);
        IReadOnlyList<ConfigurationError> errors = options.Validate();
        if (errors.Count > 0)
        {
            throw new ConfigurationException(errors);
        }
    }

    /// <summary>Where it listens: the real ports, where port 0 was asked for; in the order of the listeners.</summary>
    /// <value>Empty before the start.</value>
    public IReadOnlyList<IPEndPoint> LocalEndPoints { get; } = [];

    /// <summary>Opens the listeners and serves until drained or disposed.</summary>
    /// <returns>Done once every listener accepts.</returns>
    /// <exception cref="ListenException">An address is in use, or not ours; nothing was started.</exception>
    public Task StartAsync(CancellationToken cancellationToken = default) => throw new NotSupportedException();

    /// <summary>Accepts no more, lets open exchanges end, then closes what is left.</summary>
    /// <param name="deadline">How long exchanges may take; null is <see cref="Timeouts.Drain"/>, 0 is no time.</param>
    /// <param name="cancellationToken">Brings the deadline forward to the moment of its cancellation.</param>
    /// <returns>Done once no client connection is open.</returns>
    public Task<DrainResult> DrainAsync(TimeSpan? deadline = null, CancellationToken cancellationToken = default) =>
        throw new NotSupportedException();

    /// <summary>Takes a picture of what it does. Blocks nothing.</summary>
    public LoadBalancerStatus GetStatus() => throw new NotSupportedException();

    /// <summary>Closes everything at once and ends the loops. Drain first to lose no request.</summary>
    public ValueTask DisposeAsync() => default;
}
