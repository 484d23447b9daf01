using L7Engine.Load.Bench.Statistics;

namespace L7Engine.Load.Bench.Running;

/// <summary>A block, with its latencies at the fixed rate.</summary>
internal sealed record BlockRun(Mode Mode, BenchBlock Block, LatencyCounts Latencies);
