using L7Engine.Configuration;

namespace L7Engine;

/// <summary>How long the engine waits for a peer. None is endless: 0 is an error unless its line says more.</summary>
/// <remarks>
/// Never early, late by at most one tick of 100 ms, which is also the smallest value. A gap is the time without any
/// progress; it does not run while we are the ones who hold back.
/// </remarks>
public sealed record Timeouts
{
    /// <summary>From accept, and from the first byte of a request, to the end of its head.</summary>
    /// <value>Default 30 s. Range 100 ms to 1 day. Origin: Kestrel. Past it 408, silent if no byte came.</value>
    /// <remarks>A listener may have its own: <see cref="SlowClientOptions.RequestHead"/>.</remarks>
    public TimeSpan RequestHead { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>Between two reads of a request body.</summary>
    /// <value>Default 60 s. Range 100 ms to 1 day. Origin: nginx. Past it 408 and close.</value>
    /// <remarks>A listener may have its own: <see cref="SlowClientOptions.RequestBodyGap"/>.</remarks>
    public TimeSpan RequestBodyGap { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>For the client to take the next bytes of a response.</summary>
    /// <value>Default 60 s. Range 100 ms to 1 day. Origin: nginx. Past it the connection is reset.</value>
    /// <remarks>A listener may have its own: <see cref="SlowClientOptions.ResponseSendGap"/>.</remarks>
    public TimeSpan ResponseSendGap { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>To connect to a backend.</summary>
    /// <value>Default 4 s. Range 100 ms to 1 h. Origin: CLB. Over all backends that are tried; past it 504.</value>
    public TimeSpan BackendConnect { get; init; } = TimeSpan.FromSeconds(4);

    /// <summary>Between two writes that a backend takes.</summary>
    /// <value>Default 60 s. Range 100 ms to 1 day. Origin: CLB. Past it 504.</value>
    public TimeSpan BackendSendGap { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>From the last byte of a request to the end of the response head.</summary>
    /// <value>Default 60 s. Range 100 ms to 1 day. Origin: CLB. Past it 504.</value>
    public TimeSpan BackendResponse { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>Between two reads of a response body.</summary>
    /// <value>Default 60 s. Range 100 ms to 1 day. Origin: CLB. Past it the response is cut, visibly.</value>
    public TimeSpan BackendBodyGap { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>Silence in both directions after a switch of protocols.</summary>
    /// <value>Default 1 h. Range 100 ms to 365 days. Origin: HAProxy. Past it both sides are closed.</value>
    public TimeSpan TunnelIdle { get; init; } = TimeSpan.FromHours(1);

    /// <summary>Between two reads after we decided to close, while what still comes is thrown away.</summary>
    /// <value>Default 2 s. Range 100 ms to 1 min. Origin: Apache.</value>
    public TimeSpan Linger { get; init; } = TimeSpan.FromSeconds(2);

    /// <summary>The whole of that throwing away.</summary>
    /// <value>Default 30 s. Range 100 ms to 10 min, at least <see cref="Linger"/>. Origin: Apache, nginx.</value>
    /// <remarks>At most 5 s for what begins while three quarters of the places for clients are taken.</remarks>
    public TimeSpan LingerTotal { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>For a backend's close after <c>Connection: close</c>, so that TIME_WAIT is the backend's.</summary>
    /// <value>Default 1 s. 0 closes at once; else 100 ms to 1 min.</value>
    public TimeSpan BackendCloseWait { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>For open exchanges to end when draining; then they are cut.</summary>
    /// <value>Default 30 s. 0 cuts at once; else 100 ms to 1 day.</value>
    public TimeSpan Drain { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>Over how long a drain spreads the closes of idle connections, so that not all clients come back in
    /// one moment; each is told with the response to what it asks meanwhile.</summary>
    /// <value>
    /// Default 5 s; at most half of the drain. 0 ends each as soon as it was quiet for a second; else 100 ms to 1 day.
    /// Origin: HAProxy (<c>close-spread-time</c>), where it is off: a client that asks in that moment loses a request.
    /// </value>
    public TimeSpan DrainSpread { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>For the rest of a request body once its response has ended.</summary>
    /// <value>Default 2 s. 0 closes at once; else 100 ms to 1 min.</value>
    public TimeSpan EarlyAnswerDrain { get; init; } = TimeSpan.FromSeconds(2);

    internal void Validate(ConfigErrors errors)
    {
        TimeSpan minute = TimeSpan.FromMinutes(1);
        TimeSpan day = TimeSpan.FromDays(1);
        errors.RequireDuration(RequestHead, ConfigErrors.Tick, day);
        errors.RequireDuration(RequestBodyGap, ConfigErrors.Tick, day);
        errors.RequireDuration(ResponseSendGap, ConfigErrors.Tick, day);
        errors.RequireDuration(BackendConnect, ConfigErrors.Tick, TimeSpan.FromHours(1));
        errors.RequireDuration(BackendSendGap, ConfigErrors.Tick, day);
        errors.RequireDuration(BackendResponse, ConfigErrors.Tick, day);
        errors.RequireDuration(BackendBodyGap, ConfigErrors.Tick, day);
        errors.RequireDuration(TunnelIdle, ConfigErrors.Tick, TimeSpan.FromDays(365));
        errors.RequireDuration(Linger, ConfigErrors.Tick, minute);
        errors.RequireDuration(LingerTotal, ConfigErrors.Tick, TimeSpan.FromMinutes(10));
        errors.RequireDurationOrZero(BackendCloseWait, ConfigErrors.Tick, minute);
        errors.RequireDurationOrZero(Drain, ConfigErrors.Tick, day);
        errors.RequireDurationOrZero(DrainSpread, ConfigErrors.Tick, day);
        errors.RequireDurationOrZero(EarlyAnswerDrain, ConfigErrors.Tick, minute);
        if (LingerTotal < Linger)
        {
            errors.Add("lingerTotal", "is less than linger, which it contains; raise it, or lower that");
        }
    }
}
