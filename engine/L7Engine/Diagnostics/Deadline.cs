namespace L7Engine.Diagnostics;

/// <summary>When something ends for want of progress, and by which setting.</summary>
/// <param name="Tick"><see cref="long.MaxValue"/> for never.</param>
internal readonly record struct Deadline(SettingValue Setting, long Tick)
{
    public static Deadline None => new(default, long.MaxValue);

    public bool IsNone => Tick == long.MaxValue;

    /// <returns>Whichever comes first.</returns>
    public Deadline Or(in Deadline other) => other.Tick < Tick ? other : this;
}
