using L7Engine.Tests.Support;

namespace L7Engine.Tests.Simulation;

/// <summary>What a client asks for.</summary>
internal enum Ask
{
    /// <summary>Something a backend answers.</summary>
    Plain,

    /// <summary>A switch to a protocol that the listener allows.</summary>
    Upgrade,

    /// <summary>A switch to one that it does not: served as if the client had not asked.</summary>
    OtherUpgrade,

    /// <summary>A path that no route leads to.</summary>
    NoRoute,

    Trace,

    /// <summary>OPTIONS *: for the engine itself.</summary>
    ServerWide,

    /// <summary>Both framing fields at once.</summary>
    BothLengths,
}

/// <summary>What a backend does wrong with one request.</summary>
internal enum BackendFault
{
    None,
    ResetAtHead,
    ResetAtEnd,
    CloseAtEnd,
    Garbage,
    BothLengths,

    /// <summary>Stops in the middle of its answer, with FIN or RST.</summary>
    CloseInAnswer,
    ResetInAnswer,

    /// <summary>Never goes on, from some byte of its answer on.</summary>
    Halt,

    /// <summary>Garbage behind the answer.</summary>
    Surplus,

    /// <summary>The same answer twice.</summary>
    AnswerTwice,
}

internal enum AnswerTime
{
    AtEnd,

    /// <summary>When the head is there, whatever of the body is.</summary>
    AtHead,
}

/// <summary>One request and what shall become of it, both decided by the seed.</summary>
internal sealed record ExchangePlan
{
    public required int Id { get; init; }

    public required Ask Ask { get; init; }

    public required string Method { get; init; }

    public required bool IsHttp10 { get; init; }

    public bool AsksClose { get; init; }

    public bool AsksKeepAlive { get; init; }

    public bool Expects { get; init; }

    /// <summary>TE: trailers.</summary>
    public bool TakesTrailers { get; init; }

    public bool SendsTrailers { get; init; }

    public Framing RequestFraming { get; init; }

    public int RequestBytes { get; init; }

    public int Status { get; init; }

    public Framing AnswerFraming { get; init; }

    public int AnswerBytes { get; init; }

    public bool AnswerIsHttp10 { get; init; }

    public bool AnswerCloses { get; init; }

    public bool AnswerHasTrailers { get; init; }

    public int Interims { get; init; }

    public AnswerTime When { get; init; }

    public BackendFault Fault { get; init; }

    /// <summary>Where in the answer the fault is, in thousandths.</summary>
    public int FaultPlace { get; init; }

    public bool IsRepeatable => Method is "GET" or "HEAD" or "OPTIONS" or "PUT" or "DELETE";

    /// <summary>Whoever wrote such a request sends no other after it.</summary>
    public bool IsLast => AsksClose || (IsHttp10 && !AsksKeepAlive) || Ask is Ask.Upgrade or Ask.BothLengths;

    public bool IsForBackend => Ask is Ask.Plain or Ask.Upgrade or Ask.OtherUpgrade;

    public bool AnswerHasBody => Method != "HEAD" && Status is not (101 or 204 or 304);

    /// <summary>The status that the engine answers with itself, or 0.</summary>
    public int OwnStatus => Ask switch
    {
        Ask.NoRoute => 404,
        Ask.Trace => 405,
        Ask.ServerWide => 200,
        Ask.BothLengths => 400,
        _ => 0,
    };

    public override string ToString() =>
        $"[{Id} {Method}{(IsHttp10 ? "/1.0" : "")} {Ask} {RequestFraming} {RequestBytes}{(Expects ? " expects" : "")}" +
        $"{(IsLast ? " last" : "")} -> {Status}{(AnswerIsHttp10 ? "/1.0" : "")} {AnswerFraming} {AnswerBytes}" +
        $"{(AnswerCloses ? " closes" : "")} {When} {Fault} {FaultPlace}]";

    public static ExchangePlan Of(int id, SimRandom random, RunPlan run, bool isLast)
    {
        bool isHttp10 = random.Chance(0.15);
        Ask ask = AskOf(random, isHttp10, isLast);
        string method = MethodOf(ask, random);
        bool hasBody = method is "POST" or "PATCH" or "PUT" || (ask == Ask.Plain && random.Chance(0.05));
        Framing framing = !hasBody ? Framing.None : isHttp10 || random.Chance(0.5) ? Framing.Length : Framing.Chunked;
        var plan = new ExchangePlan
        {
            Id = id,
            Ask = ask,
            Method = method,
            IsHttp10 = isHttp10,
            AsksClose = isLast && random.Chance(0.3),
            AsksKeepAlive = !isLast || random.Chance(0.3),
            Expects = hasBody && random.Chance(0.15),
            TakesTrailers = random.Chance(0.3),
            SendsTrailers = random.Chance(0.3),
            RequestFraming = framing,
            RequestBytes = framing == Framing.None ? 0 : SizeOf(random, run),
        };
        return ask == Ask.BothLengths ? plan with { RequestFraming = Framing.Chunked } : plan.WithAnswer(random, run);
    }

    private static Ask AskOf(SimRandom random, bool isHttp10, bool isLast)
    {
        if (isLast && random.Chance(0.2))
        {
            return !isHttp10 && random.Chance(0.8) ? Ask.Upgrade : Ask.BothLengths;
        }

        return random.Next(25) switch
        {
            0 => Ask.OtherUpgrade,
            1 => Ask.NoRoute,
            2 => Ask.Trace,
            3 => Ask.ServerWide,
            _ => Ask.Plain,
        };
    }

    private static string MethodOf(Ask ask, SimRandom random) => ask switch
    {
        Ask.Upgrade or Ask.OtherUpgrade => "GET",
        Ask.Trace => "TRACE",
        Ask.ServerWide => "OPTIONS",
        Ask.BothLengths => "POST",
        _ => random.Next(12) switch
        {
            < 4 => "GET",
            < 6 => "POST",
            6 => "PUT",
            7 => "HEAD",
            8 => "DELETE",
            9 => "PATCH",
            10 => "OPTIONS",
            _ => "PURGE",
        },
    };

    private static int SizeOf(SimRandom random, RunPlan run) => random.Next(10) switch
    {
        0 => 0,
        < 5 => random.Next(200),
        < 9 => random.Next(5_000),
        _ => random.Next(run.MaxBodyBytes),
    };

    private ExchangePlan WithAnswer(SimRandom random, RunPlan run)
    {
        bool switches = Ask == Ask.Upgrade && random.Chance(0.8);
        bool isHttp10 = !switches && random.Chance(0.1);
        Framing framing = random.Next(10) switch
        {
            < 5 => Framing.Length,
            < 8 when !isHttp10 => Framing.Chunked,
            _ => Framing.UntilClose,
        };
        return this with
        {
            Status = switches ? 101 : random.Next(12) switch { 0 => 204, 1 => 304, 2 => 404, 3 => 503, _ => 200 },
            AnswerIsHttp10 = isHttp10,
            AnswerFraming = framing,
            AnswerBytes = SizeOf(random, run),
            AnswerCloses = random.Chance(0.1),
            AnswerHasTrailers = random.Chance(0.3),
            Interims = random.Chance(0.2) && !isHttp10 ? 1 + random.Next(3) : 0,
            When = random.Chance(0.1) ? AnswerTime.AtHead : AnswerTime.AtEnd,
            Fault = !run.HasBackendFaults || random.Chance(0.8) ? BackendFault.None
                : (BackendFault)(1 + random.Next((int)BackendFault.AnswerTwice)),
            FaultPlace = random.Next(1001),
        };
    }
}
