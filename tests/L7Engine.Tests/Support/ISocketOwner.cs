namespace L7Engine.Tests.Support;

/// <summary>Whoever holds a socket: told that its state has changed, never from inside a call that it makes.</summary>
internal interface ISocketOwner
{
    void OnSocketEvent();
}
