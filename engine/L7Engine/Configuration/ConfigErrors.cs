using System.Globalization;
using System.Net;
using System.Runtime.CompilerServices;

namespace L7Engine.Configuration;

/// <summary>Everything wrong with one configuration, in the order it was found, seen from one place in it.</summary>
/// <remarks>The places share one list. Members become keys: camelCase, without the suffix <c>Bytes</c>.</remarks>
internal sealed class ConfigErrors
{
    private readonly List<ConfigurationError> _all;
    private readonly string _path;

    public ConfigErrors()
        : this([], "")
    {
    }

    private ConfigErrors(List<ConfigurationError> all, string path)
    {
        _all = all;
        _path = path;
    }

    /// <summary>The engine's unit of time: no timeout is shorter (DESIGN: one turn of the wheel's hand).</summary>
    public static TimeSpan Tick => TimeSpan.FromMilliseconds(100);

    public IReadOnlyList<ConfigurationError> All => _all;

    public ConfigErrors In(string key) => new(_all, Join(key));

    public ConfigErrors In(string key, int index) => new(_all, string.Create(null, $"{Join(key)}[{index}]"));

    /// <param name="key">The key here; empty for this place itself.</param>
    public void Add(string key, string message) => _all.Add(new ConfigurationError(Join(key), message));

    public void RequireRange(
        long value, long min, long max, [CallerArgumentExpression(nameof(value))] string name = "")
    {
        if (value < min || value > max)
        {
            Add(KeyOf(name), string.Create(CultureInfo.InvariantCulture, $"is {value}; it must be {min} to {max}"));
        }
    }

    public void RequireShare(double value, [CallerArgumentExpression(nameof(value))] string name = "")
    {
        if (value is not (>= 0 and <= 1))
        {
            Add(KeyOf(name), string.Create(CultureInfo.InvariantCulture, $"is {value}; it must be 0 to 1"));
        }
    }

    public void RequireFactorOrZero(
        double value, double min, double max, [CallerArgumentExpression(nameof(value))] string name = "")
    {
        if (value is not 0 && !(value >= min && value <= max))
        {
            Add(KeyOf(name), string.Create(
                CultureInfo.InvariantCulture, $"is {value}; it must be 0, or {min} to {max}"));
        }
    }

    public void RequireBytes(
        long value, long min, long max, [CallerArgumentExpression(nameof(value))] string name = "")
    {
        if (value < min || value > max)
        {
            string range = ConfigText.Of(min) + (max == long.MaxValue ? " or more" : $" to {ConfigText.Of(max)}");
            Add(KeyOf(name), $"is {ConfigText.Of(value)}; it must be {range}");
        }
    }

    public void RequireDuration(
        TimeSpan value, TimeSpan min, TimeSpan max, [CallerArgumentExpression(nameof(value))] string name = "")
    {
        if (value < min || value > max)
        {
            Add(KeyOf(name), $"is {ConfigText.Of(value)}; it must be {ConfigText.Of(min)} to {ConfigText.Of(max)}");
        }
    }

    public void RequireDurationOrZero(
        TimeSpan value, TimeSpan min, TimeSpan max, [CallerArgumentExpression(nameof(value))] string name = "")
    {
        if (value != TimeSpan.Zero && (value < min || value > max))
        {
            string range = $"{ConfigText.Of(min)} to {ConfigText.Of(max)}";
            Add(KeyOf(name), $"is {ConfigText.Of(value)}; it must be 0, or {range}");
        }
    }

    public void RequireWholeSeconds(
        TimeSpan value, int min, int max, [CallerArgumentExpression(nameof(value))] string name = "")
    {
        if (value.Ticks % TimeSpan.TicksPerSecond != 0 || value.TotalSeconds < min || value.TotalSeconds > max)
        {
            Add(KeyOf(name), $"is {ConfigText.Of(value)}; it must be whole seconds, {min}s to {max}s");
        }
    }

    public void RequireName(string value, [CallerArgumentExpression(nameof(value))] string name = "")
    {
        if (string.IsNullOrWhiteSpace(value))
        {
            Add(KeyOf(name), "is empty; it must be a name");
        }
    }

    public void RequireAddress(EndPoint? value, [CallerArgumentExpression(nameof(value))] string name = "")
    {
        if (value is null)
        {
            Add(KeyOf(name), "is missing; it must be an address and port, such as \"127.0.0.1:8080\"");
        }
    }

    public void RequireDefined<T>(T value, [CallerArgumentExpression(nameof(value))] string name = "")
        where T : struct, Enum
    {
        if (!Enum.IsDefined(value))
        {
            Add(KeyOf(name), $"is {value:D}; it must be one of {string.Join(", ", Enum.GetNames<T>())}");
        }
    }

    private static string KeyOf(string member)
    {
        string name = member.EndsWith("Bytes", StringComparison.Ordinal) ? member[..^5] : member;
        return $"{char.ToLowerInvariant(name[0])}{name[1..]}";
    }

    private string Join(string key) => _path.Length == 0 ? key : key.Length == 0 ? _path : $"{_path}.{key}";
}
