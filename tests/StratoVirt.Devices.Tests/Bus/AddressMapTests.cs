using CsCheck;
using StratoVirt.Devices.Bus;
using Xunit;

namespace StratoVirt.Devices.Tests.Bus;

public sealed class AddressMapTests
{
    [Fact]
    public void Overlap_names_both()
    {
        AddressMap map = AddressMap.Empty.With(Mapping(0x3f8, 8, "serial"));

        AddressOverlapException e = Assert.Throws<AddressOverlapException>(() => map.With(Mapping(0x3ff, 2, "other")));

        Assert.Equal("serial", e.Existing.Name);
        Assert.Equal("other", e.Added.Name);
        Assert.Contains("'serial' (0x3f8-0x3ff)", e.Message, StringComparison.Ordinal);
        Assert.Contains("'other' (0x3ff-0x400)", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_range_may_touch_the_top_of_the_address_space()
    {
        AddressMap map = AddressMap.Empty.With(Mapping(ulong.MaxValue - 3, 4, "top"));

        Assert.True(map.TryFind(ulong.MaxValue, 1, out _, out ulong offset));
        Assert.Equal(3UL, offset);
        Assert.False(map.TryFind(ulong.MaxValue, 2, out _, out _));
        Assert.False(map.TryFind(0, 1, out _, out _));
        Assert.Throws<ArgumentOutOfRangeException>(() => Mapping(ulong.MaxValue - 3, 5, "over"));
        Assert.Throws<ArgumentOutOfRangeException>(() => Mapping(5, 0, "nothing"));
    }

    [Fact]
    public void The_whole_address_space_can_be_one_range_but_for_a_byte()
    {
        AddressMap map = AddressMap.Empty.With(Mapping(1, ulong.MaxValue, "all"));

        Assert.True(map.TryFind(ulong.MaxValue, 1, out _, out _));
        Assert.False(map.TryFind(0, 1, out _, out _));
    }

    [Fact]
    public void Changing_a_map_leaves_the_old_one_alone()
    {
        AddressMap one = AddressMap.Empty.With(Mapping(0x10, 4, "a"));
        AddressMap two = one.With(Mapping(0x20, 4, "b"));
        AddressMap three = two.Without(0x10);

        Assert.Equal(["a"], Names(one));
        Assert.Equal(["a", "b"], Names(two));
        Assert.Equal(["b"], Names(three));
        Assert.Throws<ArgumentException>(() => three.Without(0x21));
    }

    /// <summary>Against the plainest model there is: who owns each of 256 addresses.</summary>
    [Fact]
    public void Agrees_with_an_array_of_owners() =>
        Gen.Select(Gen.Int[0, 250], Gen.Int[1, 20], Gen.Bool)
            .Array[0, 40]
            .Sample(steps =>
            {
                BusMapping?[] owners = new BusMapping?[300];
                AddressMap map = AddressMap.Empty;
                foreach ((int start, int length, bool remove) in steps)
                {
                    BusMapping? present = owners[start];
                    if (remove && present is not null && present.Start == (ulong)start)
                    {
                        map = map.Without((ulong)start);
                        owners.AsSpan(start, (int)present.Length).Clear();
                        continue;
                    }

                    BusMapping added = Mapping((ulong)start, (ulong)length, "added");
                    BusMapping? clash = Array.Find(owners[start..(start + length)], owner => owner is not null);
                    try
                    {
                        map = map.With(added);
                        Assert.Null(clash);
                        owners.AsSpan(start, length).Fill(added);
                    }
                    catch (AddressOverlapException e)
                    {
                        Assert.NotNull(clash);
                        Assert.True(e.Existing.Overlaps(added));
                        Assert.Same(e.Existing, owners[(int)e.Existing.Start]);
                    }
                }

                for (int address = 0; address < 280; address++)
                {
                    foreach (int length in (int[])[1, 2, 4, 8])
                    {
                        BusMapping? owner = owners[address];
                        bool whole = owner is not null && owner == owners[address + length - 1];
                        bool found = map.TryFind((ulong)address, length, out IBusDevice? device, out ulong offset);
                        Assert.Equal(whole, found);
                        Assert.Same(whole ? owner!.Device : null, device);
                        Assert.Equal(whole ? (ulong)address - owner!.Start : 0, offset);
                    }
                }
            });

    private static BusMapping Mapping(ulong start, ulong length, string name) => new(start, length, name, new EchoDevice());

    private static string[] Names(AddressMap map) => Array.ConvertAll(map.Mappings.ToArray(), mapping => mapping.Name);
}
