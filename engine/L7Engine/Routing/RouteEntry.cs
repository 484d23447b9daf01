namespace L7Engine.Routing;

/// <summary>One line of the routing table.</summary>
/// <param name="Host">An exact name or address, <c>*.suffix</c>, or <c>*</c> for any.</param>
/// <param name="Path">The start of the path in normal form; <c>/</c> for any.</param>
/// <param name="Group">The index of the group that serves it.</param>
internal readonly record struct RouteEntry(string Host, string Path, int Group);
