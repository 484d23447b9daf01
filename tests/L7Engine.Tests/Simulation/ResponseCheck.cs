using L7Engine.Tests.Support;

namespace L7Engine.Tests.Simulation;

/// <summary>What a client demands of the head of a response: that it is the one to its request, rightly framed for it.</summary>
internal static class ResponseCheck
{
    public static void CheckInterim(Ticket ticket, WireHead head)
    {
        ExchangePlan plan = ticket.Plan;
        Expect(!plan.IsHttp10, plan, "an HTTP/1.0 client knows no interim responses", head);
        Expect(head.Field("X-Id") == $"{plan.Id}", plan, "the interim response is another's", head);
        Expect(head.Field("Content-Length") is null && !head.IsChunked, plan, "an interim response has no body", head);
        Expect(head.Field("Connection") is null, plan, "an interim response says nothing of the connection", head);
    }

    /// <returns>How the body is framed, and its length.</returns>
    public static (Framing Framing, int Bytes) CheckFinal(SimRun run, Ticket ticket, WireHead head)
    {
        ExchangePlan plan = ticket.Plan;
        Expect(head.StartLine.StartsWith("HTTP/1.1 ", StringComparison.Ordinal), plan, "the version is wrong", head);
        if (head.Field("X-Id") is null)
        {
            return CheckOwn(run, ticket, head);
        }

        Expect(head.Field("X-Id") == $"{plan.Id}", plan, "the response is another's", head);
        Expect(plan.OwnStatus == 0, plan, "the engine was to answer this itself", head);
        Expect(head.Status == plan.Status, plan, $"the status is not {plan.Status}", head);
        string[] cookies = [.. head.All("Set-Cookie")];
        Expect(cookies is [{ } a, { } b] && a == $"a={plan.Id}" && b == $"b={plan.Id}", plan, "the cookies are another's", head);
        Expect(head.Field("X-Hop") is null, plan, "a field for the backend's hop is in it", head);
        Expect(head.Status == 101 || head.Field("Date") is not null, plan, "it has no date", head);
        return CheckFraming(plan, head);
    }

    public static bool Closes(ExchangePlan plan, WireHead head) =>
        head.HasOption("close") || (plan.IsHttp10 && !head.HasOption("keep-alive"));

    private static (Framing Framing, int Bytes) CheckFraming(ExchangePlan plan, WireHead head)
    {
        if (head.Status == 101)
        {
            Expect(head.HasOption("upgrade") && head.Field("Upgrade") == "websocket", plan, "it switches to nothing", head);
            return (Framing.None, 0);
        }

        if (!plan.AnswerHasBody)
        {
            int described = plan.AnswerFraming == Framing.Length && plan.Status != 204 ? plan.AnswerBytes : -1;
            Expect(head.Length == described && !head.IsChunked, plan, $"it does not describe {described} bytes", head);
            return (Framing.None, 0);
        }

        int length = plan.AnswerFraming == Framing.Length ? plan.AnswerBytes : -1;
        Expect(head.Length == length, plan, $"the length is not {length}", head);
        Expect(head.IsChunked == (length < 0 && !plan.IsHttp10), plan, "it is framed wrongly for this client", head);
        return length >= 0 ? (Framing.Length, length) : head.IsChunked ? (Framing.Chunked, 0) : (Framing.UntilClose, 0);
    }

    private static (Framing Framing, int Bytes) CheckOwn(SimRun run, Ticket ticket, WireHead head)
    {
        ExchangePlan plan = ticket.Plan;
        bool isPlanned = plan.OwnStatus == head.Status;
        bool isExcused = run.ExcuseOf(ticket) == Excuse.Anything
            && (run.IsSpoiltAlone(ticket) ? head.Status == StatusOf(plan.Fault) : head.Status is 400 or 408 or 502 or 503 or 504);
        bool isStale = run.Plan is { HasIdleCloses: true, HasIdleAnswers: true } && head.Field("X-Stale") is not null;
        Expect(isPlanned || isExcused || isStale, plan, "the engine has no reason for this", head);
        Expect(head.Length >= 0 && !head.IsChunked, plan, "it has no length", head);
        return plan.Method == "HEAD" ? (Framing.None, 0) : (Framing.Length, head.Length);
    }

    // Who is silent has had its time; who ended the connection or wrote garbage is a bad gateway.
    private static int StatusOf(BackendFault fault) => fault == BackendFault.Halt ? 504 : 502;

    private static void Expect(bool holds, ExchangePlan plan, string what, WireHead head)
    {
        if (!holds)
        {
            throw new SimulationException($"Response to {plan}: {what}: {head}");
        }
    }
}
