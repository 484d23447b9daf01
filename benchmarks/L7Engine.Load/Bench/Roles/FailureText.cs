using System.Globalization;
using L7Engine.Load.Traffic;

namespace L7Engine.Load.Bench.Roles;

/// <summary>Failed requests in words, such as "3 × connection reset, 1 × status 404 instead of 200".</summary>
internal static class FailureText
{
    /// <returns>Null when nothing failed.</returns>
    public static string? Of(LoadResult result, TimeSpan timeout) => result.Failed == 0
        ? null
        : string.Join(", ", result.Failures.OrderByDescending(f => f.Value).Select(f => string.Create(
            CultureInfo.InvariantCulture, $"{f.Value} × {Of(f.Key, result.WrongStatus, timeout)}")));

    private static string Of(LoadFailure failure, int wrongStatus, TimeSpan timeout) => failure switch
    {
        LoadFailure.Connect => "cannot connect",
        LoadFailure.LocalLimit => "no local port or descriptor left",
        LoadFailure.Reset => "connection reset",
        LoadFailure.ClosedEarly => "connection closed before the end of the response",
        LoadFailure.Malformed => "malformed response",
        LoadFailure.WrongStatus => string.Create(CultureInfo.InvariantCulture, $"status {wrongStatus} instead of 200")
            + (wrongStatus is >= 300 and < 400 ? " (redirects are not followed)" : ""),
        LoadFailure.WrongLength => "body of the wrong length",
        LoadFailure.WrongId => "response to another request",
        LoadFailure.Timeout => string.Create(
            CultureInfo.InvariantCulture, $"no response within {timeout.TotalSeconds:0.#} s"),
        _ => failure.ToString(),
    };
}
