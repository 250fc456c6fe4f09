using System.Buffers.Binary;
using CsCheck;
using StratoVirt.Devices.Pci.Msix;
using StratoVirt.Testing;
using Xunit;

namespace StratoVirt.Devices.Tests.Pci.Msix;

public sealed class MsixTableTests : IDisposable
{
    private const int Vectors = 70;

    private readonly RecordingMsiRouter _router = new();
    private readonly MsixTable _table;

    public MsixTableTests() => _table = new MsixTable(Vectors, _router);

    public void Dispose() => _table.Dispose();

    [Fact]
    public void Everything_is_masked_at_first_and_nothing_leaves()
    {
        for (int i = 0; i < Vectors; i++)
        {
            Assert.Equal(1u, Read((i * 16) + 12));
            _table.Trigger(i);
        }

        Assert.All(_router.Routes, route => Assert.Equal(0, route.Triggers + route.Updates));
        Assert.Equal(0u, ReadPending(0));
    }

    [Fact]
    public void A_message_leaves_by_the_vector_it_was_given()
    {
        _table.WriteControl(MsixTable.Enable);
        Fill(65, 0xFEE0_1000, 0x4077);
        Unmask(65);
        _table.Trigger(65);
        RecordingMsiRoute route = _router.Routes[65];
        Assert.Equal((0xFEE0_1000UL, 0x4077u, false, 1), (route.Address, route.Data, route.IsMasked, route.Triggers));
        Assert.Equal(1, _router.Routes.Sum(each => each.Triggers));
    }

    [Fact]
    public void What_comes_while_masked_leaves_once_when_unmasked()
    {
        _table.WriteControl(MsixTable.Enable);
        Fill(65, 0xFEE0_0000, 1);
        _table.Trigger(65);
        _table.Trigger(65);
        Assert.Equal(1u << 1, ReadPending(8));
        Assert.Equal(0, _router.Routes[65].Triggers);
        Unmask(65);
        Assert.Equal(0u, ReadPending(8));
        Assert.Equal(1, _router.Routes[65].Triggers);
        Assert.Equal(0xFEE0_0000UL, _router.Routes[65].Address);
    }

    [Fact]
    public void The_function_mask_holds_back_every_vector()
    {
        _table.WriteControl(MsixTable.Enable);
        Unmask(0);
        Unmask(1);
        _table.WriteControl(MsixTable.Enable | MsixTable.FunctionMask);
        _table.Trigger(0);
        _table.Trigger(2);
        Assert.Equal(0b101u, ReadPending(0));
        _table.WriteControl(MsixTable.Enable);
        Assert.Equal(0b100u, ReadPending(0));
        Assert.Equal([1, 0, 0], _router.Routes.Take(3).Select(route => route.Triggers));
    }

    [Fact]
    public void Disabling_forgets_what_was_held_back()
    {
        _table.WriteControl(MsixTable.Enable);
        _table.Trigger(0);
        _table.WriteControl(0);
        _table.Trigger(0);
        Unmask(0);
        _table.WriteControl(MsixTable.Enable);
        Assert.Equal(0, _router.Routes[0].Triggers);
    }

    [Fact]
    public void A_changed_message_reaches_the_route_at_once_while_unmasked()
    {
        _table.WriteControl(MsixTable.Enable);
        Fill(0, 0xFEE0_0000, 1);
        Assert.Equal(0, _router.Routes[0].Updates);
        Unmask(0);
        Assert.Equal(1, _router.Routes[0].Updates);
        Write(8, 2);
        Assert.Equal(2u, _router.Routes[0].Data);
        Write(12, 1);
        Assert.True(_router.Routes[0].IsMasked);
    }

    [Fact]
    public void An_entry_may_be_written_in_two_halves_of_64_bits()
    {
        _table.WriteControl(MsixTable.Enable);
        _table.WriteTable(16, BitConverter.GetBytes(0x1_FEE0_0000UL));
        _table.WriteTable(24, BitConverter.GetBytes(0x0000_0000_0000_0042UL));
        Assert.Equal((0x1_FEE0_0000UL, 0x42u, false), (_router.Routes[1].Address, _router.Routes[1].Data, _router.Routes[1].IsMasked));
    }

    [Theory]
    [InlineData(-1)]
    [InlineData(Vectors)]
    [InlineData(0xFFFF)]
    public void A_vector_that_does_not_exist_sends_nothing(int vector)
    {
        _table.WriteControl(MsixTable.Enable);
        _table.Trigger(vector);
        Assert.Equal(0UL, _table.Save().Pending.Aggregate(0UL, (all, each) => all | each));
    }

    [Fact]
    public void Any_access_is_answered_and_keeps_table_and_routes_alike() =>
        Gen.Select(Gen.ULong[0, 0x8000], Gen.OneOf(1, 2, 4, 8), Gen.ULong, Gen.Int[0, 5]).Array[1, 200].Sample(steps =>
        {
            RecordingMsiRouter router = new();
            using MsixTable table = new(5, router);
            ushort control = 0;
            foreach ((ulong anywhere, int length, ulong value, int what) in steps)
            {
                ulong offset = value % 4 == 0 ? anywhere : anywhere % 96;
                byte[] data = BitConverter.GetBytes(value)[..length];
                switch (what)
                {
                    case 0:
                        table.ReadTable(offset, data);
                        table.ReadPending(offset, data);
                        break;
                    case 1:
                        table.WriteControl(control = (ushort)value);
                        break;
                    case 2:
                        table.Trigger((int)(value % 7));
                        break;
                    default:
                        table.WriteTable(offset, data);
                        break;
                }

                MsixState state = table.Save();
                for (int i = 0; i < 5; i++)
                {
                    bool masked = (control & 0xC000) != 0x8000 || state.Table[(i * 4) + 3] != 0;
                    RecordingMsiRoute route = router.Routes[i];
                    Assert.Equal(masked, route.IsMasked);
                    if (!masked)
                    {
                        Assert.Equal(state.Table[i * 4] | ((ulong)state.Table[(i * 4) + 1] << 32), route.Address);
                        Assert.Equal(state.Table[(i * 4) + 2], route.Data);
                        Assert.Equal(0UL, state.Pending[0] & (1UL << i));
                    }
                }
            }
        });

    [Fact]
    public void A_saved_table_sends_what_it_held_back()
    {
        _table.WriteControl(MsixTable.Enable | MsixTable.FunctionMask);
        Fill(3, 0xFEE0_3000, 0x33);
        Unmask(3);
        _table.Trigger(3);
        RecordingMsiRouter router = new();
        using MsixTable copy = new(Vectors, router);
        copy.Restore(_table.Save());
        Assert.True(_table.Save().Table.SequenceEqual(copy.Save().Table));
        Assert.Equal(0, router.Routes[3].Triggers);
        copy.WriteControl(MsixTable.Enable);
        Assert.Equal((0xFEE0_3000UL, 0x33u, 1), (router.Routes[3].Address, router.Routes[3].Data, router.Routes[3].Triggers));
        Assert.Throws<DeviceStateException>(() => copy.Restore(new MsixState()));
        Assert.Throws<DeviceStateException>(() => copy.Restore(_table.Save() with { Version = 2 }));
    }

    [Fact]
    public void A_reset_masks_everything()
    {
        _table.WriteControl(MsixTable.Enable);
        Fill(0, 0xFEE0_0000, 1);
        Unmask(0);
        _table.Reset();
        Assert.True(_router.Routes[0].IsMasked);
        Assert.False(_table.IsEnabled);
        Assert.Equal([0u, 0u, 0u, 1u], _table.Save().Table.Take(4));
    }

    [Fact]
    public void Routes_are_given_back_by_disposal_and_when_there_are_too_few()
    {
        RecordingMsiRouter small = new(limit: 3);
        Assert.Throws<InvalidOperationException>(() => new MsixTable(4, small));
        Assert.Equal(0, small.InUse);
        MsixTable table = new(3, small);
        table.WriteControl(MsixTable.Enable);
        table.WriteTable(12, new byte[4]);
        table.Dispose();
        table.Dispose();
        Assert.Equal(0, small.InUse);
        table.Trigger(0);
        table.WriteTable(12, [1, 0, 0, 0]);
        table.Reset();
        Assert.Equal(0, small.Routes[^3].Triggers);
    }

    [Fact]
    public void Interrupts_allocate_nothing()
    {
        _table.WriteControl(MsixTable.Enable);
        Unmask(0);
        Assert.Equal(0, Allocations.Of(() =>
        {
            _table.Trigger(0);
            _table.Trigger(1);
            _table.Trigger(0xFFFF);
        }));
    }

    private void Fill(int vector, ulong address, uint data)
    {
        Write(vector * 16, (uint)address);
        Write((vector * 16) + 4, (uint)(address >> 32));
        Write((vector * 16) + 8, data);
    }

    private void Unmask(int vector) => Write((vector * 16) + 12, 0);

    private void Write(int offset, uint value) => _table.WriteTable((ulong)offset, BitConverter.GetBytes(value));

    private uint Read(int offset)
    {
        byte[] data = new byte[4];
        _table.ReadTable((ulong)offset, data);
        return BinaryPrimitives.ReadUInt32LittleEndian(data);
    }

    private uint ReadPending(int offset)
    {
        byte[] data = new byte[4];
        _table.ReadPending((ulong)offset, data);
        return BinaryPrimitives.ReadUInt32LittleEndian(data);
    }
}
