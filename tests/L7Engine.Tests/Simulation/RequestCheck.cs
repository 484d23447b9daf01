using L7Engine.Tests.Support;

namespace L7Engine.Tests.Simulation;

/// <summary>What a backend demands of the head of a request: that it is the one that its client sent, and nobody else's.</summary>
internal static class RequestCheck
{
    // HTTP.md 8: repeatable methods at most three times, all others once.
    private const int MostHeads = 3;

    public static Ticket Identify(SimRun run, WireHead head)
    {
        string id = head.Field("X-Id") ?? throw new SimulationException($"A backend got a request without id: {head}");
        Ticket ticket = run.Tickets[int.Parse(id)];
        ExchangePlan plan = ticket.Plan;
        Expect(plan.IsForBackend, "it is not for a backend", head);
        Expect(head.StartLine == $"{plan.Method} {RequestText.TargetOf(plan)} HTTP/1.1", "its request line is another's", head);
        CheckOrigin(run, ticket, head);
        CheckFraming(plan, head);
        CheckHop(run, plan, head);
        CountHead(ticket, head);
        return ticket;
    }

    public static void CheckTrailers(SimRun run, Ticket ticket, WireHead? trailers)
    {
        ExchangePlan plan = ticket.Plan;
        string? expected = run.Plan.KeepsRequestTrailers && plan is { SendsTrailers: true, RequestFraming: Framing.Chunked }
            ? $"X-Trailer: {plan.Id}" : null;
        if (trailers?.StartLine != expected)
        {
            throw new SimulationException($"Request {plan.Id} has the trailers '{trailers}', not '{expected}'.");
        }
    }

    private static void CheckOrigin(SimRun run, Ticket ticket, WireHead head)
    {
        string host = head.Field("Host") ?? "";
        bool isOwn = ticket.Host.Length > 0 ? host == ticket.Host : run.BackendAuthorities.Contains(host);
        Expect(isOwn, $"its Host is not {ticket.Host}", head);
        Expect((head.Field("X-Forwarded-Host") ?? "") == ticket.Host, "its X-Forwarded-Host is another's", head);
        Expect(head.Field("X-Forwarded-For") == ticket.Client.Address.ToString(), "it comes from another client", head);
        Expect(head.Field("X-Hop") is null, "a field for the client's hop is in it", head);
    }

    private static void CheckFraming(ExchangePlan plan, WireHead head)
    {
        int length = plan.RequestFraming == Framing.Length ? plan.RequestBytes : -1;
        Expect(head.Length == length, $"its length is not {length}", head);
        Expect(head.IsChunked == (plan.RequestFraming == Framing.Chunked), "it is framed otherwise", head);
    }

    private static void CheckHop(SimRun run, ExchangePlan plan, WireHead head)
    {
        bool knowsExpect = plan.Expects && !plan.IsHttp10;
        Expect(head.Field("Expect") is not null == knowsExpect, "its Expect is not the client's", head);
        Expect(head.Field("Upgrade") is not null == (plan.Ask == Ask.Upgrade), "its Upgrade is wrong", head);
        Expect(head.Field("TE") is not null == (plan.TakesTrailers && !plan.IsHttp10), "its TE is wrong", head);
        Expect(head.HasOption("close") != run.Plan.PoolsConnections, "its close is wrong", head);
        Expect(head.Field("Via") is not null == run.Plan.HasVia, "its Via is wrong", head);
    }

    private static void CountHead(Ticket ticket, WireHead head)
    {
        ticket.HeadCount++;
        Expect(ticket.HeadCount == 1 || ticket.Plan.IsRepeatable, "it may not be repeated and was", head);
        Expect(ticket.HeadCount <= MostHeads, "it was repeated too often", head);
        Expect(!ticket.IsAnswerKnown, "it was repeated though an answer had begun", head);
    }

    private static void Expect(bool holds, string what, WireHead head)
    {
        if (!holds)
        {
            throw new SimulationException($"A backend got a request, and {what}: {head}");
        }
    }
}
