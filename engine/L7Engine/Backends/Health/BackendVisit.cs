namespace L7Engine.Backends.Health;

/// <summary>What one attempt of a request tells of the health of its backend: one outcome at most.</summary>
/// <remarks>Not thread-safe: the attempt's loop owns it.</remarks>
/// <param name="isTrial">The request is the one that tries a backend: whoever waits for its outcome is told.</param>
internal struct BackendVisit(BackendHealthState health, bool isTrial)
{
    private bool _isOver;

    /// <summary>The backend has sent the head of a response.</summary>
    public void Answer(int status, long now)
    {
        if (TryEnd())
        {
            health.ReportResponse(status, isTrial, now);
        }
    }

    /// <summary>The backend has failed.</summary>
    public void Fail(RequestFailure failure, long now)
    {
        if (TryEnd())
        {
            health.ReportFailure(failure, isTrial, now);
        }
    }

    /// <summary>The attempt is over; when nothing was told of it, nothing is known.</summary>
    public void End()
    {
        if (TryEnd() && isTrial)
        {
            health.GiveTrialBack();
        }
    }

    // An attempt that was never let in has nobody to tell.
    private bool TryEnd()
    {
        bool isFirst = !_isOver && health is not null;
        _isOver = true;
        return isFirst;
    }
}
