namespace L7Engine.Clients;

/// <param name="Open">Connections of one client, whatever they carry.</param>
/// <param name="Persistent">Those among them that a response has left open for another request.</param>
internal readonly record struct ClientCounts(int Open, int Persistent);
