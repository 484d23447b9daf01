using System.Globalization;
using L7Engine.Configuration;

namespace L7Engine;

/// <summary>The requests that ask each backend of a group whether it is well.</summary>
/// <remarks>
/// One check at a time for each backend, on a connection of its own, from one loop of the engine. A backend goes down
/// after <see cref="Fall"/> failed checks in a row, and comes up after <see cref="Rise"/> that passed. With checks of
/// n in a row, down takes <c>timeout * n + interval * (n - 1)</c> for a backend that hangs, up takes
/// <c>response time * n + interval * (n - 1)</c>. Origin of the defaults: CLB.
/// </remarks>
public sealed record HealthCheckOptions
{
    /// <summary>The path that is asked for, with its query.</summary>
    /// <value>Default null: no checks. Else it begins with <c>/</c>; visible ASCII without <c>#</c>.</value>
    public string? Path { get; init; }

    /// <summary>How it is asked.</summary>
    /// <value>Default <see cref="HealthCheckMethod.Get"/>.</value>
    public HealthCheckMethod Method { get; init; } = HealthCheckMethod.Get;

    /// <summary>The Host field of the check.</summary>
    /// <value>Default null: the <see cref="BackendOptions.Authority"/> of the backend, or its address.</value>
    public string? Host { get; init; }

    /// <summary>The statuses that a backend answers with while it is well.</summary>
    /// <value>Default <c>2xx</c> and <c>3xx</c>. Classes <c>2xx</c> to <c>5xx</c>, and codes 200 to 599.</value>
    public IReadOnlyList<string> Expect { get; init; } = ["2xx", "3xx"];

    /// <summary>Time from the end of a check to the beginning of the next.</summary>
    /// <value>Default 5 s. Range 100 ms to 1 day.</value>
    public TimeSpan Interval { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>The longest time from the beginning of a check to the end of the response's head.</summary>
    /// <value>Default 2 s. Range 100 ms to 1 h.</value>
    public TimeSpan Timeout { get; init; } = TimeSpan.FromSeconds(2);

    /// <summary>Checks that have to pass in a row before a backend that is down comes up.</summary>
    /// <value>Default 3. Range 1 to 100.</value>
    public int Rise { get; init; } = 3;

    /// <summary>Checks that have to fail in a row before a backend that is up goes down.</summary>
    /// <value>Default 3. Range 1 to 100.</value>
    public int Fall { get; init; } = 3;

    /// <summary>By how much of it, at most, an interval is longer, by lot: checks of many spread out.</summary>
    /// <value>Default 0.1. Range 0 to 1.</value>
    public double Jitter { get; init; } = 0.1;

    internal void Validate(ConfigErrors errors)
    {
        if (Path is not null && !HttpText.IsOriginForm(Path))
        {
            errors.Add("path", $"is \"{Path}\"; it must begin with / and have no spaces, controls or #");
        }

        errors.RequireDefined(Method);
        if (Host is not null && !HttpText.IsAuthority(Host))
        {
            errors.Add("host", $"is \"{Host}\"; it must be a host, or host:port");
        }

        if (Expect.Count == 0)
        {
            errors.Add("expect", "is empty; no answer would ever be right");
        }

        for (int i = 0; i < Expect.Count; i++)
        {
            if (!IsStatus(Expect[i]))
            {
                errors.In("expect", i).Add(
                    "", $"is \"{Expect[i]}\"; it must be a class, \"2xx\" to \"5xx\", or a code, \"200\" to \"599\"");
            }
        }

        errors.RequireDuration(Interval, ConfigErrors.Tick, TimeSpan.FromDays(1));
        errors.RequireDuration(Timeout, ConfigErrors.Tick, TimeSpan.FromHours(1));
        errors.RequireRange(Rise, 1, 100);
        errors.RequireRange(Fall, 1, 100);
        errors.RequireShare(Jitter);
    }

    private static bool IsStatus(string text) =>
        text is "2xx" or "3xx" or "4xx" or "5xx"
        || (int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out int code)
            && code is >= 200 and <= 599);
}
