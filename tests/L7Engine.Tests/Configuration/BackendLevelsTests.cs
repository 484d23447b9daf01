using System.Net;
using L7Engine.Backends.Health;
using L7Engine.Configuration;
using L7Engine.Diagnostics;
using NUnit.Framework;

namespace L7Engine.Tests.Configuration;

[TestFixture]
internal sealed class BackendLevelsTests
{
    [Test]
    public void Each_backend_counts_in_one_state_of_its_group_and_every_state_is_told_of()
    {
        var snapshot = new Snapshot(Valid.With(new BackendGroupOptions
        {
            Backends = [.. Enumerable.Range(1, 3).Select(
                port => new BackendOptions { Address = new IPEndPoint(IPAddress.Loopback, port) })],
        }), new ViaToken());
        GroupPlan group = snapshot.Groups[0];
        foreach (WatchedGroup watched in snapshot.WatchedGroups)
        {
            watched.Health.Apply(watched.Settings, watched.Backends, now: 0);
        }

        BackendHealthState[] members = [.. group.Backends.Select(backend => backend.State.Health)];
        group.State.Health.Eject(members[1], HealthCause.ConsecutiveFailures, now: 0);
        group.State.Health.TryDrain(members[2], isDrained: true, now: 0);

        string name = group.Options.Name;
        Assert.That(BackendLevels.Of(snapshot.Groups), Is.EqualTo(
        [
            new BackendLevel(name, "up", 1), new BackendLevel(name, "detecting", 0), new BackendLevel(name, "down", 0),
            new BackendLevel(name, "ejected", 1), new BackendLevel(name, "trial", 0), new BackendLevel(name, "drained", 1),
        ]));
    }
}
