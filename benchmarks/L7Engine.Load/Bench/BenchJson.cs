using System.Text.Json;
using System.Text.Json.Serialization;

namespace L7Engine.Load.Bench;

/// <summary>A run as JSON: names as in the records, in camel case; times as text, figures in the units of the records.
/// </summary>
[JsonSourceGenerationOptions(
    GenerationMode = JsonSourceGenerationMode.Serialization,
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, WriteIndented = true, UseStringEnumConverter = true)]
[JsonSerializable(typeof(BenchReport))]
public sealed partial class BenchJson : JsonSerializerContext
{
    /// <summary>Writes all of a run.</summary>
    public static string Write(BenchReport report) => JsonSerializer.Serialize(report, Default.BenchReport);
}
