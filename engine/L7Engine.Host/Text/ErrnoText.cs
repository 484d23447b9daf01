using System.Globalization;

namespace L7Engine.Host.Text;

/// <summary>The error numbers of Linux that a connection can end with, by name.</summary>
internal static class ErrnoText
{
    public static string Of(int errno) => NameOf(errno) is { } name
        ? string.Create(CultureInfo.InvariantCulture, $"{name} ({errno})")
        : string.Create(CultureInfo.InvariantCulture, $"errno {errno}");

    private static string? NameOf(int errno) => errno switch
    {
        1 => "EPERM",
        12 => "ENOMEM",
        13 => "EACCES",
        23 => "ENFILE",
        24 => "EMFILE",
        28 => "ENOSPC",
        32 => "EPIPE",
        71 => "EPROTO",
        97 => "EAFNOSUPPORT",
        98 => "EADDRINUSE",
        99 => "EADDRNOTAVAIL",
        100 => "ENETDOWN",
        101 => "ENETUNREACH",
        102 => "ENETRESET",
        103 => "ECONNABORTED",
        104 => "ECONNRESET",
        105 => "ENOBUFS",
        107 => "ENOTCONN",
        110 => "ETIMEDOUT",
        111 => "ECONNREFUSED",
        112 => "EHOSTDOWN",
        113 => "EHOSTUNREACH",
        _ => null,
    };
}
