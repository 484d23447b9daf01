using System.Text.Json;
using System.Text.Json.Serialization;

namespace L7Engine.Load.Bench;

/// <summary>A run as JSON: names as in the records, in camel case; times as text, figures in the units of the records.
/// </summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, WriteIndented = true, UseStringEnumConverter = true,
    NumberHandling = JsonNumberHandling.AllowNamedFloatingPointLiterals)]
[JsonSerializable(typeof(BenchReport))]
public sealed partial class BenchJson : JsonSerializerContext
{
    /// <summary>Writes all of a run.</summary>
    public static string Write(BenchReport report) => JsonSerializer.Serialize(report, Default.BenchReport);

    /// <summary>Reads what was written.</summary>
    /// <exception cref="JsonException">It is something else.</exception>
    public static BenchReport Read(string json) =>
        JsonSerializer.Deserialize(json, Default.BenchReport) ?? throw new JsonException("It is null.");
}
