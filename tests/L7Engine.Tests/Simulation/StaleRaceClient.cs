using System.Globalization;
using L7Engine.Tests.Support;

namespace L7Engine.Tests.Simulation;

/// <summary>Asks with gaps that lie around the moment at which the backend closes, or around our own limits.</summary>
internal sealed class StaleRaceClient
{
    private readonly StaleRace _race;
    private readonly SimPeer _connection;
    private readonly SimTimer _asking;
    private readonly int _number;
    private string? _awaited;

    public StaleRaceClient(StaleRace race, int number)
    {
        (_race, _number) = (race, number);
        _asking = new SimTimer(race.Scheduler, Ask);
        _connection = race.Connect();
        _connection.OnReceived = Take;
        _connection.OnEnded = p => Fail(p, "its connection ended");
        _asking.After(race.DrawGap());
    }

    public int Asked { get; private set; }

    public int Served { get; private set; }

    /// <summary>What went wrong first; null while nothing did.</summary>
    public string? Failure { get; private set; }

    private void Ask()
    {
        if (_race.IsOver)
        {
            return;
        }

        Asked++;
        _awaited = string.Create(CultureInfo.InvariantCulture, $"/{_number}-{Asked}");
        _connection.Send(Msg.Get(_awaited, method: _race.DrawMethod()));
    }

    private void Take(SimPeer peer)
    {
        if (!peer.Text.Contains("\r\n\r\n", StringComparison.Ordinal)
            || (Msg.BodyOf(peer.Text) is var body && body != _awaited && _awaited!.StartsWith(body, StringComparison.Ordinal)))
        {
            return;
        }

        if (Msg.StatusOf(peer.Text) != 200 || Msg.BodyOf(peer.Text) != _awaited)
        {
            Fail(peer, "it was answered with");
            return;
        }

        peer.Clear();
        Served++;
        _awaited = null;
        _asking.After(_race.DrawGap());
    }

    private void Fail(SimPeer peer, string why)
    {
        if (_awaited is not null)
        {
            Failure ??= $"request {_awaited} at {_race.Elapsed.TotalSeconds:0.000}: {why} {peer.Text}";
        }
    }
}
