namespace L7Engine.Tests.Simulation;

/// <summary>What has become of one exchange so far, as its backend and its client saw it.</summary>
internal sealed class Ticket(ExchangePlan plan, ClientPlan client)
{
    public ExchangePlan Plan { get; } = plan;

    public ClientPlan Client { get; } = client;

    /// <summary>Its Host; empty when the request has none.</summary>
    public string Host { get; set; } = "";

    /// <summary>Heads of this request that reached a backend.</summary>
    public int HeadCount { get; set; }

    /// <summary>A byte of an answer has reached the engine for certain: it must not be sent again.</summary>
    public bool IsAnswerKnown { get; set; }

    /// <summary>The backend did to it what its plan says, or more.</summary>
    public bool IsSpoilt { get; set; }
}
