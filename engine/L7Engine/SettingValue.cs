using System.Globalization;

namespace L7Engine;

/// <summary>A setting of the configuration and the value that was in force.</summary>
/// <param name="Name">As the configuration file names it, such as <c>keepAlive.idleTimeout</c>.</param>
/// <param name="Value">In the unit that follows.</param>
public readonly record struct SettingValue(string Name, long Value, SettingUnit Unit)
{
    /// <returns>Name and value as the configuration file has them: <c>keepAlive.idleTimeout=75s</c>.</returns>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Name}={Text}");

    private string Text => Unit switch
    {
        SettingUnit.Switch => Value == 0 ? "false" : "true",
        SettingUnit.Bytes => Value.ToString(CultureInfo.InvariantCulture) + "B",
        SettingUnit.Milliseconds when Value % 1000 == 0 => (Value / 1000).ToString(CultureInfo.InvariantCulture) + "s",
        SettingUnit.Milliseconds => Value.ToString(CultureInfo.InvariantCulture) + "ms",
        _ => Value.ToString(CultureInfo.InvariantCulture),
    };

    internal static SettingValue Of(string name, TimeSpan value) =>
        new(name, (long)value.TotalMilliseconds, SettingUnit.Milliseconds);

    internal static SettingValue Of(string name, int value) => new(name, value, SettingUnit.Count);

    internal static SettingValue OfBytes(string name, long value) => new(name, value, SettingUnit.Bytes);

    internal static SettingValue Of(string name, bool value) => new(name, value ? 1 : 0, SettingUnit.Switch);
}
