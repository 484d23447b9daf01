namespace L7Engine.EndToEnd.Tests.Support;

/// <summary>The command in front of an nginx.</summary>
internal sealed class ServedNginx : IAsyncDisposable
{
    private ServedNginx(NginxProcess nginx, HostProcess host) => (Nginx, Host) = (nginx, host);

    public NginxProcess Nginx { get; }

    public HostProcess Host { get; }

    public static async Task<ServedNginx> StartAsync(params IEnumerable<string> more)
    {
        NginxProcess nginx = await NginxProcess.StartAsync();
        try
        {
            return new ServedNginx(nginx, await HostProcess.ServeAsync(nginx.Address, more));
        }
        catch
        {
            await nginx.DisposeAsync();
            throw;
        }
    }

    public string UrlOf(string path) => Host.UrlOf(path);

    public async ValueTask DisposeAsync()
    {
        await Host.DisposeAsync();
        await Nginx.DisposeAsync();
    }
}
