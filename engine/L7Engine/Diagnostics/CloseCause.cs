namespace L7Engine.Diagnostics;

/// <summary>Why a connection was closed: the first cause, and what is known of it.</summary>
/// <param name="Setting">The setting that fired, with its value; the default when none did.</param>
/// <param name="Detail">Which rule was broken, in constant words; null when the reason says all.</param>
internal readonly record struct CloseCause(CloseReason Reason, SettingValue Setting = default, string? Detail = null)
{
    public static implicit operator CloseCause(CloseReason reason) => new(reason);
}
