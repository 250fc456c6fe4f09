using System.Text;
using CsCheck;
using StratoVirt.Machine.Runtime;

namespace StratoVirt.Machine.Tests.Runtime;

/// <summary>An owner file is an owner, whole, or none.</summary>
public sealed class OwnerFileTests
{
    private static readonly RuntimeOwner Owner = new()
    {
        Name = "web",
        ProcessId = 42,
        ProcessStartTicks = 1234,
        StartedAt = DateTimeOffset.UnixEpoch,
        Home = "/srv",
    };

    [Fact]
    public void What_was_written_is_read() =>
        Assert.Equal(Owner, RuntimeJson.TryReadOwner(RuntimeJson.Write(Owner).ToArray()));

    [Theory]
    [InlineData("")]
    [InlineData("null")]
    [InlineData("[]")]
    [InlineData("{}")]
    [InlineData("""{"name":null,"processId":1,"processStartTicks":1,"startedAt":"2020-01-01T00:00:00+00:00"}""")]
    [InlineData("""{"name":"a","processId":1e99,"processStartTicks":1,"startedAt":"2020-01-01T00:00:00+00:00"}""")]
    [InlineData("""{"name":"a","processId":1,"processStartTicks":-1,"startedAt":"2020-01-01T00:00:00+00:00"}""")]
    [InlineData("""{"name":"a","processId":1,"processStartTicks":1,"startedAt":"yesterday"}""")]
    public void What_is_no_owner_is_none(string content) => Assert.Null(RuntimeJson.TryReadOwner(Encoding.UTF8.GetBytes(content)));

    [Fact]
    public void Any_damage_to_it_leaves_an_owner_or_none()
    {
        byte[] whole = RuntimeJson.Write(Owner).ToArray();
        Gen.Select(Gen.Select(Gen.Int[0, whole.Length - 1], Gen.Byte).Array[0, 6], Gen.Int[0, whole.Length]).Sample(
            (changes, length) =>
            {
                byte[] content = [.. whole];
                foreach ((int at, byte value) in changes)
                {
                    content[at] = value;
                }

                if (RuntimeJson.TryReadOwner(content.AsMemory(0, length)) is { } owner)
                {
                    Assert.NotNull(owner.Name);
                    _ = ProcessIdentity.IsAlive(owner);
                }
            },
            iter: 2000);
    }
}
