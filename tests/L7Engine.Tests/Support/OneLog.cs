using Microsoft.Extensions.Logging;

namespace L7Engine.Tests.Support;

/// <summary>Gives every category the same logger.</summary>
internal sealed class OneLog(ILogger log) : ILoggerFactory
{
    public ILogger CreateLogger(string categoryName) => log;

    public void AddProvider(ILoggerProvider provider)
    {
    }

    public void Dispose()
    {
    }
}
