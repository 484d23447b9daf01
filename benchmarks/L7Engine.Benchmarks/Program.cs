using BenchmarkDotNet.Reports;
using BenchmarkDotNet.Running;

// BenchmarkSwitcher ends well even when nothing matched or a benchmark threw: the exit code must tell.
List<Summary> all = [.. BenchmarkSwitcher.FromAssembly(typeof(Program).Assembly).Run(args)];
bool hasRunAll = all.Count > 0 && all.TrueForAll(HasRun);
return hasRunAll ? 0 : 1;

static bool HasRun(Summary summary) =>
    !summary.HasCriticalValidationErrors && !summary.Reports.IsEmpty && summary.Reports.All(r => r.Success);
