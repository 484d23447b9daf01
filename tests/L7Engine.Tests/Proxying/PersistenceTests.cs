using L7Engine.Http;
using L7Engine.Proxying;
using NUnit.Framework;

namespace L7Engine.Tests.Proxying;

/// <summary>The decision whether a client's connection persists, row by row (RFC 9112 section 9.3).</summary>
[TestFixture]
internal sealed class PersistenceTests
{
    private static readonly PersistenceFacts Plain = new(
        HttpVersion.Http11, AsksClose: false, AsksKeepAlive: false, IsBodyRead: true, IsDelimited: true,
        ForcedReason: CloseReason.None, IsPeerFinished: false, IsEnabled: true, IsLastRequest: false, IsTooOld: false,
        IsDraining: false);

    private static readonly PersistenceFacts Old = Plain with { Version = HttpVersion.Http10 };

    // Each row breaks one rule; the rows stand in the order in which they are looked at.
    private static readonly (PersistenceFacts Facts, CloseReason Reason)[] Rows =
    [
        (Plain with { ForcedReason = CloseReason.BodyTimeout }, CloseReason.BodyTimeout),
        (Plain with { AsksClose = true }, CloseReason.ClientAskedClose),
        (Old, CloseReason.ClientAskedClose),
        (Plain with { IsPeerFinished = true }, CloseReason.ClientClosed),
        (Plain with { IsDelimited = false }, CloseReason.UntilCloseEnd),
        (Plain with { IsBodyRead = false }, CloseReason.RequestBodyUnread),
        (Plain with { IsDraining = true }, CloseReason.Drain),
        (Plain with { IsEnabled = false }, CloseReason.PersistenceOff),
        (Plain with { IsLastRequest = true }, CloseReason.RequestLimit),
        (Plain with { IsTooOld = true }, CloseReason.MaxAge),
        (Plain with { IsPastCap = true }, CloseReason.PersistentCap),
    ];

    [Test]
    public void Without_a_reason_the_connection_persists()
    {
        Assert.That(PersistenceDecision.Of(Plain).KeepsOpen);
        Assert.That(PersistenceDecision.Of(Plain with { AsksKeepAlive = true }).KeepsOpen);
        Assert.That(PersistenceDecision.Of(Old with { AsksKeepAlive = true }).KeepsOpen);
    }

    [Test]
    public void Each_reason_alone_closes_and_is_named([Range(0, 10)] int row)
    {
        PersistenceDecision decision = PersistenceDecision.Of(Rows[row].Facts);

        Assert.That((decision.KeepsOpen, decision.Reason), Is.EqualTo((false, Rows[row].Reason)));
    }

    [Test]
    public void Close_is_stronger_than_keep_alive()
    {
        PersistenceDecision decision = PersistenceDecision.Of(Plain with { AsksClose = true, AsksKeepAlive = true });

        Assert.That(decision.Reason, Is.EqualTo(CloseReason.ClientAskedClose));
    }

    [Test]
    public void Of_several_reasons_the_first_of_the_table_is_named()
    {
        PersistenceFacts all = new(
            HttpVersion.Http11, AsksClose: true, AsksKeepAlive: false, IsBodyRead: false, IsDelimited: false,
            ForcedReason: CloseReason.ProtocolError, IsPeerFinished: true, IsEnabled: false, IsLastRequest: true,
            IsTooOld: true, IsDraining: true, IsPastCap: true);
        var named = new List<CloseReason>();
        for (PersistenceFacts facts = all; !PersistenceDecision.Of(facts).KeepsOpen; facts = Without(facts, named[^1]))
        {
            named.Add(PersistenceDecision.Of(facts).Reason);
        }

        Assert.That(named, Is.EqualTo(new[]
        {
            CloseReason.ProtocolError, CloseReason.ClientAskedClose, CloseReason.ClientClosed, CloseReason.UntilCloseEnd,
            CloseReason.RequestBodyUnread, CloseReason.Drain, CloseReason.PersistenceOff, CloseReason.RequestLimit,
            CloseReason.MaxAge, CloseReason.PersistentCap,
        }));
    }

    private static PersistenceFacts Without(PersistenceFacts facts, CloseReason reason) => reason switch
    {
        CloseReason.ProtocolError => facts with { ForcedReason = CloseReason.None },
        CloseReason.ClientAskedClose => facts with { AsksClose = false },
        CloseReason.ClientClosed => facts with { IsPeerFinished = false },
        CloseReason.UntilCloseEnd => facts with { IsDelimited = true },
        CloseReason.RequestBodyUnread => facts with { IsBodyRead = true },
        CloseReason.Drain => facts with { IsDraining = false },
        CloseReason.PersistenceOff => facts with { IsEnabled = true },
        CloseReason.RequestLimit => facts with { IsLastRequest = false },
        CloseReason.MaxAge => facts with { IsTooOld = false },
        _ => facts with { IsPastCap = false },
    };
}
