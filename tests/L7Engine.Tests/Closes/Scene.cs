using L7Engine.Tests.Support;

namespace L7Engine.Tests.Closes;

/// <summary>An engine, a client's connection and a backend, for what is written as a chain of what happens.</summary>
internal sealed class Scene
{
    public const string Switched = "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n";

    public Scene(Func<LoadBalancerOptions, LoadBalancerOptions>? configure = null)
    {
        Bed = new EngineBed(configure: configure);
        Client = Bed.Connect();
        Bed.Network.RunUntilIdle();
    }

    public EngineBed Bed { get; }

    /// <summary>The first client's connection.</summary>
    public SimPeer Client { get; }

    /// <summary>The newest connection to the backend.</summary>
    public SimPeer Backend => Bed.Newest();

    public static implicit operator EngineBed(Scene scene) => scene.Bed;

    /// <summary>The client sends.</summary>
    public Scene Send(string text) => Then(_ => Client.Send(text));

    /// <summary>The backend sends.</summary>
    public Scene Reply(string text) => Then(_ => Backend.Send(text));

    public Scene Then(Action<Scene> action)
    {
        action(this);
        Bed.Network.RunUntilIdle();
        return this;
    }

    public Scene Run(double seconds)
    {
        Bed.Network.RunFor(TimeSpan.FromSeconds(seconds));
        return this;
    }

    public Scene Drain(double? seconds = null) =>
        Then(_ => Bed.DrainAsync(seconds is null ? null : TimeSpan.FromSeconds(seconds.Value)));

    public Scene Stop()
    {
        Bed.Stop();
        return this;
    }

    /// <summary>The next use of the idle connection to the backend throws.</summary>
    public void BreakBackend() =>
        Bed.Network.Loops[0].Connections.Single(c => c.Socket.Remote.Equals(Bed.Backend.Address)).HasBug = true;
}
