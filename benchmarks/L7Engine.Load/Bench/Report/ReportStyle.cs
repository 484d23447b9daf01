namespace L7Engine.Load.Bench.Report;

/// <summary>How the page looks, on paper, in light and in dark, from a telephone's width on.</summary>
internal static class ReportStyle
{
    /// <summary>Text has a contrast of 4.5 to 1 or more to its ground, lines and bars 3 to 1. Dashes tell a line that
    /// closes from one that keeps without any colour.</summary>
    public static Html Sheet => Html.Of($$"""
        :root { color-scheme: light dark; --ground: #fff; --text: #1b1f24; --quiet: #57606a; --line: #d8dde3;
          --panel: #f5f7f9; --warn: #8a4b00; --warn-ground: #fff6e0;
          --c0: #0b62c4; --c1: #c2410c; --c2: #0f7a5a; --c3: #8b3fb0; --grey: #6b7480; }
        @media screen and (prefers-color-scheme: dark) {
          :root { --ground: #14171b; --text: #e5e9ee; --quiet: #a3adb8; --line: #353c45; --panel: #1c2127;
            --warn: #ffc46b; --warn-ground: #332709;
            --c0: #62a8ff; --c1: #ff8f57; --c2: #44c99b; --c3: #cf92ee; --grey: #98a2ad; }
        }
        * { box-sizing: border-box; }
        body { margin: 0 auto; padding: 1.5rem 1rem 4rem; max-width: 46rem;
          background: var(--ground); color: var(--text);
          font: 1rem/1.55 system-ui, -apple-system, "Segoe UI", Roboto, "Noto Sans", "Liberation Sans", sans-serif;
          font-variant-numeric: tabular-nums; overflow-wrap: break-word; }
        h1 { font-size: 1.75rem; line-height: 1.2; margin: 0 0 .5rem; letter-spacing: -.01em; }
        h2 { font-size: 1.25rem; line-height: 1.3; margin: 2.75rem 0 .75rem; padding-top: .75rem;
          border-top: 1px solid var(--line); }
        h3 { font-size: 1rem; margin: 2rem 0 .5rem; }
        p { margin: .5rem 0; }
        a { color: var(--c0); }
        .lead, figcaption, small, .note { color: var(--quiet); }
        figcaption, .note { font-size: .875rem; }
        .warning { background: var(--warn-ground); color: var(--warn); padding: .6rem .8rem; border-radius: .4rem; }
        .warning a { color: inherit; }
        .verdicts { padding: 0; list-style: none; }
        .verdicts li { margin: .5rem 0; padding: .1rem 0 .1rem .8rem; border-left: 3px solid var(--c0); }
        .verdicts .unsure { border-left-color: var(--grey); }
        figure { margin: 0 0 2rem; }
        figure > svg { display: block; width: 100%; max-width: 33rem; height: auto; margin: .25rem 0; }
        .legend { display: flex; flex-wrap: wrap; gap: .15rem 1.1rem; margin: .25rem 0; padding: 0;
          list-style: none; font-size: .875rem; }
        .key { width: 22px; height: 10px; margin-right: .4rem; }
        svg text { font-size: 12px; fill: var(--text); }
        svg .tick, svg .unit { font-size: 11px; fill: var(--quiet); }
        svg .name { font-weight: 600; }
        svg .name, svg .value { paint-order: stroke; stroke: var(--ground); stroke-width: 4px; stroke-linejoin: round; }
        .grid { stroke: var(--line); stroke-width: 1; fill: none; }
        .halo { stroke: var(--ground); stroke-width: 3.5; fill: none; }
        .whisker { stroke: var(--text); stroke-width: 1.25; fill: none; }
        .line { fill: none; stroke-width: 2; stroke-linejoin: round; stroke-linecap: round; }
        .line.thin { stroke-width: 1.25; }
        .line.dashed { stroke-dasharray: 5 4; }
        .line.dashed.thin, .line.dashed.dot { stroke-dasharray: none; }
        .line.c0 { stroke: var(--c0); } .line.c1 { stroke: var(--c1); } .line.c2 { stroke: var(--c2); }
        .line.c3 { stroke: var(--c3); } .line.grey { stroke: var(--grey); }
        .line.dot { fill: var(--ground); }
        .bar.c0 { fill: var(--c0); } .bar.c1 { fill: var(--c1); } .bar.c2 { fill: var(--c2); }
        .bar.c3 { fill: var(--c3); } .bar.grey { fill: var(--grey); }
        .scroll { overflow-x: auto; margin: .5rem 0 1rem; }
        table { border-collapse: collapse; font-size: .875rem; line-height: 1.35; }
        th, td { padding: .35rem .9rem .35rem 0; text-align: right; vertical-align: top; white-space: nowrap;
          border-bottom: 1px solid var(--line); }
        th:first-child { text-align: left; white-space: normal; font-weight: 400; min-width: 9rem; }
        thead th, thead th:first-child { font-weight: 600; border-bottom: 2px solid var(--line);
          vertical-align: bottom; white-space: normal; }
        td small { display: block; font-size: .75rem; }
        .texts th, .texts td { text-align: left; }
        .texts td { white-space: normal; overflow-wrap: anywhere; }
        .texts th:first-child { min-width: 7rem; }
        details { margin: .4rem 0; }
        summary { cursor: pointer; font-size: .875rem; color: var(--quiet); }
        summary:focus-visible, a:focus-visible { outline: 2px solid var(--c0); outline-offset: 2px; }
        pre { overflow-x: auto; background: var(--panel); padding: .8rem; border-radius: .4rem;
          font: .8125rem/1.5 ui-monospace, "Cascadia Mono", Menlo, "Liberation Mono", monospace; }
        @media print {
          :root { color-scheme: light; }
          body { max-width: none; padding: 0; }
          h2, h3, thead { break-after: avoid; }
          figure, tr, li, .warning { break-inside: avoid; }
          figure > svg { max-width: 25rem; }
          figure details, summary::marker { display: none; }
          details::details-content { content-visibility: visible; block-size: auto; }
          .scroll, pre { overflow: visible; }
          pre { white-space: pre-wrap; overflow-wrap: anywhere; }
        }
        """);
}
