using System.CommandLine;
using System.CommandLine.Parsing;
using System.Globalization;
using System.Net;
using L7Engine.Host.Text;

namespace L7Engine.Host.Commands;

/// <summary>Options whose values are read as in the configuration file, with the same words if wrong.</summary>
internal static class CommandOptions
{
    public static Option<IPEndPoint[]> Addresses(string name, string description) => new(name)
    {
        Description = description,
        HelpName = "ADDR:PORT",
        CustomParser = result => [.. result.Tokens.Select(token =>
            AddressText.TryParse(token.Value, out IPEndPoint address)
                ? address
                : Refuse(result, name, token.Value, AddressText.Form, address))],
    };

    public static Option<EndPoint[]> BackendAddresses(string name, string description) => new(name)
    {
        Description = description,
        HelpName = "HOST:PORT",
        CustomParser = result => [.. result.Tokens.Select(token =>
            AddressText.TryParse(token.Value, out EndPoint address)
                ? address
                : Refuse(result, name, token.Value, AddressText.BackendForm, address))],
    };

    public static Option<string> File(string name, string description) =>
        new(name) { Description = description, HelpName = "FILE" };

    public static Option<bool> Flag(string name, string description) => new(name) { Description = description };

    public static Option<int?> Count(string name, string description) => new(name)
    {
        Description = description,
        HelpName = "N",
        CustomParser = result => int.TryParse(
            result.Tokens[0].Value, NumberStyles.None, CultureInfo.InvariantCulture, out int count)
                ? count
                : Refuse<int?>(result, name, result.Tokens[0].Value, "a whole number", null),
    };

    public static Option<TimeSpan> Duration(
        string name, string description, TimeSpan fallback, TimeSpan min, TimeSpan max) => new(name)
        {
            Description = description,
            HelpName = "DURATION",
            DefaultValueFactory = _ => fallback,
            CustomParser = result => DurationIn(result, name, min, max) ?? fallback,
        };

    public static Option<TimeSpan?> OptionalDuration(
        string name, string description, TimeSpan min, TimeSpan max) => new(name)
        {
            Description = description,
            HelpName = "DURATION",
            CustomParser = result => DurationIn(result, name, min, max),
        };

    private static TimeSpan? DurationIn(ArgumentResult result, string name, TimeSpan min, TimeSpan max)
    {
        string text = result.Tokens[0].Value;
        return DurationText.TryParse(text, out TimeSpan duration) && duration >= min && duration <= max
            ? duration
            : Refuse<TimeSpan?>(result, name, text, $"{DurationText.Of(min)} to {DurationText.Of(max)}", null);
    }

    private static T Refuse<T>(ArgumentResult result, string name, string text, string form, T standIn)
    {
        result.AddError($"{name}: is \"{text}\"; it must be {form}");
        return standIn;
    }
}
