namespace L7Engine.Load.Bench.Report;

/// <summary>Where and how it was measured, so that another can do the same.</summary>
internal static class MachineSection
{
    public static Html Write(BenchReport report)
    {
        BenchEnvironment machine = report.Environment;
        NamedText[] facts =
        [
            new("Processor", machine.Processor),
            new("CPUs available", FigureText.Tick(machine.Cores)),
            new("Kernel", machine.Kernel),
            new("Runtime", machine.Runtime),
            new("Duration", FigureText.Time(report.Plan.Took.TotalMicroseconds)),
        ];
        return Html.Of($"""
            <section><h2>How it was measured</h2>
            {WriteTexts("Machine", facts)}
            {WriteTexts("Placement", machine.Placement)}
            {WriteRemarks(machine.Remarks)}
            {WriteTexts("Kernel settings and limits", machine.Settings)}
            </section>
            <section><h2>Configurations</h2>
            {Html.Join(report.Subjects.Where(s => s.Configuration.Length > 0), WriteConfiguration)}</section>
            """);
    }

    private static Html WriteTexts(string title, IReadOnlyList<NamedText> texts) => texts.Count == 0
        ? new Html()
        : Html.Of($"""
            <h3>{title}</h3>
            <div class="texts">{Tables.Write(["Name", "Value"], texts.Select(t => new[] { t.Name, t.Text }))}</div>
            """);

    private static Html WriteRemarks(IReadOnlyList<string> remarks) => remarks.Count == 0
        ? new Html()
        : Html.Of($"<h3>Method</h3><ul>{Html.Join(remarks, r => Html.Of($"<li>{r}</li>"))}</ul>");

    private static Html WriteConfiguration(Subject subject) => Html.Of($"""
        <details><summary>{subject.Name} {subject.Version}</summary><pre>{subject.Configuration}</pre></details>

        """);
}
