using L7Engine.Diagnostics;

namespace L7Engine.Transport.Epoll;

/// <summary>An accepted descriptor on its way from the loop that accepted it to one that holds fewer.</summary>
internal sealed record HandedDescriptor(
    int Descriptor, PeerAddress RemoteAddress, EpollListener From, EpollListener To);
