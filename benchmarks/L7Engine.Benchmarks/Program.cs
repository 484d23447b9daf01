using BenchmarkDotNet.Reports;
using BenchmarkDotNet.Running;

// BenchmarkSwitcher ends well even when nothing matched or a benchmark threw: the exit code must tell.
List<Summary> all = [.. BenchmarkSwitcher.FromAssembly(typeof(Program).Assembly).Run(args)];
return all.Count > 0 && all.TrueForAll(s => !s.HasCriticalValidationErrors && !s.Reports.IsEmpty && s.Reports.All(r => r.Success)) ? 0 : 1;
