using CsCheck;
using Iced.Intel;
using StratoVirt.Guests.Hello;
using StratoVirt.Guests.Image;

namespace StratoVirt.Guests.Tests;

public sealed class TablesTests
{
    private const ulong AddressMask = 0x000F_FFFF_FFFF_F000;

    [Theory]
    [InlineData("hello", false)]
    [InlineData("exits-user", true)]
    public void Every_address_below_4_GiB_is_mapped_to_itself(string guest, bool user)
    {
        ElfView.LoadedMemory memory = new ElfView(ElfTests.Assemble(guest)).LoadAll();
        Gen.UInt.Sample(address =>
        {
            ulong linear = address;
            ulong pml4e = memory.U64(GuestLayout.PageTables + ((linear >> 39) * 8));
            ulong pdpte = memory.U64((pml4e & AddressMask) + ((linear >> 30) * 8));
            ulong pde = memory.U64((pdpte & AddressMask) + (((linear >> 21) & 0x1FF) * 8));
            ulong common = pml4e & pdpte & pde;
            Assert.Equal(3UL, common & 3);
            Assert.Equal(user, (common & 4) != 0);
            Assert.Equal(0x80UL, pde & 0x80);
            Assert.Equal(linear, (pde & AddressMask) | (linear & 0x1F_FFFF));
        });
        Assert.Equal(0UL, memory.U64(GuestLayout.PageTables + 0x1000 + (4 * 8)));
        Assert.Equal(0UL, memory.U64(GuestLayout.PageTables + 8));
    }

    [Theory]
    [InlineData(GuestLayout.CodeSelector, 0x00AF_9B00_0000_FFFFUL)]
    [InlineData(GuestLayout.DataSelector, 0x00CF_9300_0000_FFFFUL)]
    [InlineData(GuestLayout.UserCodeSelector, 0x00AF_FB00_0000_FFFFUL)]
    [InlineData(GuestLayout.UserDataSelector, 0x00CF_F300_0000_FFFFUL)]
    public void Selectors_name_flat_descriptors_inside_the_table(ushort selector, ulong expected)
    {
        ElfView.LoadedMemory memory = new ElfView(HelloGuest.Assemble()).LoadAll();
        int offset = selector & ~7;
        Assert.True(offset + 7 <= memory.U16(GuestLayout.GdtPointer));
        ulong table = memory.U64(GuestLayout.GdtPointer + 2);
        Assert.Equal(expected, memory.U64(table + (ulong)offset));
        Assert.Equal(selector & 3, (int)(expected >> 45) & 3);
    }

    [Theory]
    [InlineData(0x80)]
    [InlineData(0x3F8)]
    [InlineData(0x606)]
    public void The_task_state_lets_user_mode_use_the_ports(int port)
    {
        ElfView.LoadedMemory memory = new ElfView(ExitsGuest.Assemble(1, GuestRing.User)).LoadAll();
        ulong descriptor = memory.U64(GuestLayout.Gdt + GuestLayout.TaskSelector);
        Assert.True(GuestLayout.TaskSelector + 15 <= memory.U16(GuestLayout.GdtPointer));
        ulong limit = descriptor & 0xFFFF;
        ulong start = ((descriptor >> 16) & 0xFF_FFFF) | ((descriptor >> 32) & 0xFF00_0000);
        Assert.Equal(GuestLayout.TaskState, start);
        Assert.Equal(0x89UL, (descriptor >> 40) & 0xFF);

        // A processor reads the port's byte and the one behind it, both inside the limit.
        ulong bits = memory.U16(start + 102) + (ulong)(port / 8);
        Assert.True(bits + 1 <= limit);
        Assert.Equal(0, memory.At(start + bits)[0] & (1 << (port % 8)));
        Assert.Equal(0xFF, memory.At(start + limit)[0]);
        Assert.True(start + limit < GuestLayout.PageTables);
    }

    [Theory]
    [InlineData(Interrupts.SerialVector)]
    [InlineData(Interrupts.SpuriousVector)]
    public void Interrupt_gates_lead_to_code_that_returns(byte vector)
    {
        var elf = new ElfView(HelloGuest.Assemble());
        ElfView.LoadedMemory memory = elf.LoadAll();
        Assert.True((vector * 16) + 15 <= memory.U16(GuestLayout.IdtPointer));
        ulong gate = memory.U64(GuestLayout.IdtPointer + 2) + (ulong)(vector * 16);
        ulong low = memory.U64(gate);
        Assert.Equal(GuestLayout.CodeSelector, (ushort)(low >> 16));
        Assert.Equal(0x8E00, (ushort)(low >> 32));
        ulong handler = (low & 0xFFFF) | ((low >> 32) & 0xFFFF_0000) | (memory.U64(gate + 8) << 32);
        Assert.InRange(handler, GuestLayout.LongModeCode, elf.Text.PhysicalAddress + elf.Text.FileSize - 1);

        var decoder = Decoder.Create(64, memory.At(handler)[..32].ToArray(), handler);
        int instructions = 0;
        while (decoder.Decode().Code != Code.Iretq)
        {
            Assert.True(++instructions < 8, "the handler does not return soon");
        }
    }

    [Fact]
    public void Exceptions_have_no_gate_so_that_a_fault_is_seen_by_the_host()
    {
        ElfView.LoadedMemory memory = new ElfView(HelloGuest.Assemble()).LoadAll();
        for (ulong vector = 0; vector < 32; vector++)
        {
            Assert.Equal(0UL, memory.U64(GuestLayout.Idt + (vector * 16)));
        }
    }
}
