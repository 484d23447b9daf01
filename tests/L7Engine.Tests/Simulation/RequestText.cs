using System.Text;
using L7Engine.Tests.Support;

namespace L7Engine.Tests.Simulation;

/// <summary>Writes the requests of a plan, each in one of the many ways that mean the same.</summary>
internal static class RequestText
{
    /// <returns>The whole request, and how much of it is head.</returns>
    public static (byte[] Bytes, int HeadBytes) Of(Ticket ticket, SimRandom random)
    {
        byte[] head = Encoding.Latin1.GetBytes(HeadOf(ticket, random));
        return ([.. head, .. BodyOf(ticket.Plan, random)], head.Length);
    }

    private static string HeadOf(Ticket ticket, SimRandom random)
    {
        ExchangePlan plan = ticket.Plan;
        string host = $"h{plan.Id}.test";
        bool isAbsolute = plan.Ask == Ask.Plain && random.Chance(0.1);
        bool hasHost = !plan.IsHttp10 || random.Chance(0.5);
        ticket.Host = hasHost || isAbsolute ? host : "";

        var text = new StringBuilder();
        text.Append(random.Chance(0.1) ? "\r\n" : "");
        text.Append($"{plan.Method} {(isAbsolute ? "http://" + host : "")}{TargetOf(plan)} HTTP/1.{(plan.IsHttp10 ? 0 : 1)}\r\n");
        var fields = new List<string> { $"X-Id:{Spaces(random)}{plan.Id}{Spaces(random)}" };
        if (hasHost)
        {
            fields.Add($"Host: {(isAbsolute ? "other.test" : host)}");
        }

        AddFraming(fields, plan);
        AddConnection(fields, plan, random);
        if (random.Chance(0.1))
        {
            fields.Add("X-Pad: " + new string('p', random.Next(6_000)));
        }

        fields.Add($"X-Forwarded-For: 6.6.6.{plan.Id % 256}");
        Shuffle(fields, random);
        return text.AppendJoin("\r\n", fields).Append("\r\n\r\n").ToString();
    }

    public static string TargetOf(ExchangePlan plan) => plan.Ask switch
    {
        Ask.ServerWide => "*",
        Ask.NoRoute => $"/none/{plan.Id}",
        _ => $"/r/{plan.Id}?q={plan.Id}",
    };

    private static void AddFraming(List<string> fields, ExchangePlan plan)
    {
        if (plan.RequestFraming == Framing.Chunked)
        {
            fields.Add("transfer-ENCODING: chunked");
        }

        if (plan.RequestFraming == Framing.Length || plan.Ask == Ask.BothLengths)
        {
            fields.Add($"content-length: {plan.RequestBytes}");
        }

        if (plan.Expects)
        {
            fields.Add("Expect: 100-continue");
        }
    }

    private static void AddConnection(List<string> fields, ExchangePlan plan, SimRandom random)
    {
        var options = new List<string>();
        if (random.Chance(0.2))
        {
            options.Add("X-Hop");
            fields.Add($"x-hop: {plan.Id}");
        }

        if (plan.AsksClose)
        {
            options.Add("close");
        }
        else if (plan.AsksKeepAlive)
        {
            options.Add("Keep-Alive");
        }

        if (plan.TakesTrailers)
        {
            options.Add("TE");
            fields.Add("TE: trailers");
        }

        if (plan.Ask is Ask.Upgrade or Ask.OtherUpgrade)
        {
            options.Add("Upgrade");
            fields.Add(plan.Ask == Ask.Upgrade ? "Upgrade: websocket" : "Upgrade: h2c");
        }

        if (options.Count > 0)
        {
            fields.Add("Connection: " + string.Join(random.Chance(0.5) ? "," : " , ", options));
        }
    }

    private static byte[] BodyOf(ExchangePlan plan, SimRandom random)
    {
        byte[] body = Pattern.Of(plan.Id, Content.Request, plan.RequestBytes);
        return plan.RequestFraming == Framing.Chunked
            ? ChunkText.Of(body, plan.SendsTrailers ? $"X-Trailer: {plan.Id}\r\n" : "", random)
            : body;
    }

    private static string Spaces(SimRandom random) => new(' ', random.Next(3));

    private static void Shuffle(List<string> fields, SimRandom random)
    {
        for (int i = fields.Count - 1; i > 0; i--)
        {
            int other = random.Next(i + 1);
            (fields[i], fields[other]) = (fields[other], fields[i]);
        }
    }
}
