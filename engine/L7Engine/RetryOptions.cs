using L7Engine.Configuration;

namespace L7Engine;

/// <summary>How many of a group's requests may be sent again after a backend has had them, and perhaps acted on them.
/// </summary>
/// <remarks>
/// It limits what a group that fails gets on top of its requests: a request whose fresh connection ended before a byte
/// of the response, and one whose response did not come in time. Free are a connect that failed, and a reused
/// connection that turned out closed: they cost a backend nothing. A retry is within the budget while those of the
/// last 10 s, its own included, are within the share of the requests of the last 10 s on the same loop, or while fewer
/// than the minimum were made in this second, over all loops.
/// </remarks>
public sealed record RetryOptions
{
    /// <summary>Retries as a share of the requests of the last 10 s.</summary>
    /// <value>Default 0.2. Range 0 to 1; with 0 only <see cref="BudgetMinimum"/> counts.</value>
    /// <remarks>Origin: Envoy and Linkerd, whose retry budgets are 20 %.</remarks>
    public double BudgetShare { get; init; } = 0.2;

    /// <summary>Retries a second that are always within the budget.</summary>
    /// <value>Default 3. Range 0 to 10,000; with 0 for both there are none.</value>
    /// <remarks>Origin: Envoy's <c>min_retry_concurrency</c> of 3, as a rate.</remarks>
    public int BudgetMinimum { get; init; } = 3;

    internal void Validate(ConfigErrors errors)
    {
        errors.RequireShare(BudgetShare);
        errors.RequireRange(BudgetMinimum, 0, 10_000);
    }
}
