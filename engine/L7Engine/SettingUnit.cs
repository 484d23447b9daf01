namespace L7Engine;

/// <summary>What the number of a <see cref="SettingValue"/> counts.</summary>
public enum SettingUnit : byte
{
    /// <summary>Things: requests, fields, connections.</summary>
    Count,

    /// <summary>Bytes.</summary>
    Bytes,

    /// <summary>A duration in milliseconds.</summary>
    Milliseconds,

    /// <summary>On (1) or off (0).</summary>
    Switch,
}
