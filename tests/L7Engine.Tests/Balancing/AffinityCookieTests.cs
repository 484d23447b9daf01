using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using L7Engine.Balancing;
using L7Engine.Tests.Http;
using L7Engine.Tests.Support;
using NUnit.Framework;

namespace L7Engine.Tests.Balancing;

[TestFixture]
internal sealed class AffinityCookieTests
{
    private const long Now = 1_800_000_000;
    private const long Life = 3_600;

    private readonly PickBed _bed = new(1, 1, 1);

    [Test]
    public void A_cookie_opens_to_the_backend_that_it_was_made_for([Values(0, 1, 2)] int backend)
    {
        Assert.That(Cookie().Open(ValueOf(backend), Now + 1, out bool isOld), Is.EqualTo(backend));
        Assert.That(isOld, Is.False);
    }

    // A restart, another loop, another engine: what counts is the key, the group and the address.
    [Test]
    public void Another_engine_with_the_same_key_opens_it_whatever_its_order_of_backends()
    {
        var turned = new PickBed([.. _bed.Options.Reverse()]);

        Assert.That(Cookie(bed: turned).Open(ValueOf(0), Now, out _), Is.EqualTo(2));
    }

    [Test]
    public void Another_key_or_group_does_not_open_it()
    {
        Assert.That(Cookie(key: "BBBBBBBBBBBBBBBBBBBBBB==").Open(ValueOf(0), Now, out _), Is.EqualTo(-1));
        Assert.That(Cookie(group: "other").Open(ValueOf(0), Now, out _), Is.EqualTo(-1));
    }

    [TestCase(Life - 1, 1)]
    [TestCase(Life, -1)]
    [TestCase(Life + 1, -1)]
    [TestCase(-60, 1)]
    [TestCase(-61, -1)]
    public void It_is_valid_for_its_life_and_not_from_the_future(long after, int expected)
    {
        Assert.That(Cookie().Open(ValueOf(1), Now + after, out _), Is.EqualTo(expected));
    }

    [TestCase(Life / 2, false)]
    [TestCase((Life / 2) + 1, true)]
    public void It_is_old_once_less_than_half_of_its_life_is_left(long after, bool expected)
    {
        _ = Cookie().Open(ValueOf(1), Now + after, out bool isOld);

        Assert.That(isOld, Is.EqualTo(expected));
    }

    // Four bits of the last character belong to no byte; every other bit is sealed.
    [Test]
    public void No_bit_of_it_can_be_changed()
    {
        byte[] value = ValueOf(1);
        AffinityCookie cookie = Cookie();
        for (int bit = 0; bit < 8 * (value.Length - 1); bit++)
        {
            value[bit / 8] ^= (byte)(1 << (bit % 8));
            Assert.That(cookie.Open(value, Now, out _), Is.EqualTo(-1), $"bit {bit}");
            value[bit / 8] ^= (byte)(1 << (bit % 8));
        }
    }

    [Test]
    public void The_name_of_another_backend_does_not_fit_its_seal()
    {
        byte[] mixed = [.. Base64Url.DecodeFromUtf8(ValueOf(0))[..8], .. Base64Url.DecodeFromUtf8(ValueOf(1))[8..]];

        Assert.That(Cookie().Open(Base64Url.EncodeToUtf8(mixed), Now, out _), Is.EqualTo(-1));
    }

    [Test]
    public void Anything_else_is_none([Random(50, Distinct = true)] int seed)
    {
        var random = new Random(seed);
        byte[] bytes = new byte[random.Next(2) == 0 ? 38 : random.Next(80)];
        random.NextBytes(bytes);

        Assert.That(Cookie().Open(bytes, Now, out _), Is.EqualTo(-1), $"seed {seed}");
    }

    [Test]
    public void A_backend_that_is_gone_is_not_found()
    {
        Assert.That(Cookie(bed: new PickBed([_bed.Options[0]])).Open(ValueOf(1), Now, out _), Is.EqualTo(-1));
    }

    [TestCase(false, "; Path=/; Max-Age=3600; HttpOnly; SameSite=Strict")]
    [TestCase(true, "; Path=/; Max-Age=3600; HttpOnly; SameSite=Strict; Secure")]
    public void Its_attributes_keep_it_from_scripts_and_other_sites(bool isSecure, string expected)
    {
        string bound = Wire.Text(Cookie().Bind(_bed.Backends[0], Now, isSecure));

        Assert.That(bound, Does.Match("^a=[A-Za-z0-9_-]{38};"));
        Assert.That(bound, Does.EndWith(expected));
    }

    // It must not become invalid with a new version of the engine.
    [Test]
    public void Its_form_is_what_other_versions_have()
    {
        Assert.That(Wire.Text(ValueOf(1)), Is.EqualTo(ExpectedValue()));
    }

    [Test]
    public void Opening_and_binding_allocate_nothing()
    {
        AffinityCookie cookie = Cookie();
        byte[] value = ValueOf(1);

        Assert.That(Allocated.BytesBy(() => cookie.Open(value, Now, out _)), Is.Zero);
        Assert.That(Allocated.BytesBy(() => cookie.Bind(_bed.Backends[1], Now, true)), Is.Zero);
    }

    // By the definition, with other code.
    private static string ExpectedValue()
    {
        byte[] key = Convert.FromBase64String("AAAAAAAAAAAAAAAAAAAAAA==");
        byte[] Mac(byte domain, byte[] content) =>
            HMACSHA256.HashData(key, (byte[])[domain, .. content]);
        uint expires = (uint)(Now + Life);
        byte[] content =
        [
            .. Mac(1, Encoding.UTF8.GetBytes("g\n127.0.0.1:9002"))[..8],
            (byte)(expires >> 24), (byte)(expires >> 16), (byte)(expires >> 8), (byte)expires,
        ];
        return Convert.ToBase64String([.. content, .. Mac(2, content)[..16]])
            .Replace('+', '-').Replace('/', '_').TrimEnd('=');
    }

    private byte[] ValueOf(int backend) => [.. Cookie().Bind(_bed.Backends[backend], Now, false)[2..40]];

    private AffinityCookie Cookie(
        string key = "AAAAAAAAAAAAAAAAAAAAAA==", string group = "g", PickBed? bed = null) => new(
        new BackendGroupOptions
        {
            Name = group,
            Affinity = new AffinityOptions
            {
                Enabled = true,
                Cookie = "a",
                Key = key,
                SameSite = AffinitySameSite.Strict,
            },
        },
        (bed ?? _bed).Backends);
}
