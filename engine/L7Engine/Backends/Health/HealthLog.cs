using L7Engine.Diagnostics;
using Microsoft.Extensions.Logging;

namespace L7Engine.Backends.Health;

/// <summary>The lines that tell of the health of backends: one for each change of a state.</summary>
internal static class HealthLog
{
    public static void Tell(ILogger logger, in HealthChange change)
    {
        if (change.Member.Backend is not { } backend)
        {
            return;
        }

        string cause = change.Cause.ToString();
        HealthCounts counts = change.Member.Counts;
        switch (change.Event)
        {
            case HealthEvent.CameUp:
                EngineLog.BackendUp(logger, backend.Address, backend.GroupName, cause);
                break;
            case HealthEvent.WentDown:
                string check = counts.LastCheck.ToString();
                EngineLog.BackendDown(logger, backend.Address, backend.GroupName, check, counts.LastCheckStatus);
                break;
            case HealthEvent.WasEjected:
                string failure = counts.LastFailure.ToString();
                EngineLog.BackendEjected(
                    logger, backend.Address, backend.GroupName, change.Milliseconds, cause, failure);
                break;
            case HealthEvent.TrialBegan:
                EngineLog.BackendOnTrial(logger, backend.Address, backend.GroupName);
                break;
            case HealthEvent.DrainBegan:
                EngineLog.BackendDrained(logger, backend.Address, backend.GroupName);
                break;
            case HealthEvent.DrainEnded:
                EngineLog.BackendResumed(logger, backend.Address, backend.GroupName);
                break;
            case HealthEvent.FailOpenBegan:
                EngineLog.GroupFailsOpen(logger, backend.GroupName);
                break;
            case HealthEvent.FailOpenEnded:
                EngineLog.GroupRecovered(logger, backend.GroupName);
                break;
            default:
                break;
        }
    }
}
