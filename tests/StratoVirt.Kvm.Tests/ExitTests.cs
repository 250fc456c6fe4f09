using System.Buffers.Binary;
using StratoVirt.Kvm.X64;

namespace StratoVirt.Kvm.Tests;

public sealed class ExitTests
{
    [Fact]
    public void PortAndMemoryAccessesCarryTheirData()
    {
        using var guest = new TestGuest(
        [
            0xb0, 0x42,                                                       // mov al, 0x42
            0x66, 0xba, 0xf8, 0x03,                                           // mov dx, 0x3f8
            0xee,                                                             // out dx, al
            0xc7, 0x04, 0x25, 0x00, 0x00, 0x00, 0x10, 0xef, 0xbe, 0xad, 0xde, // mov dword [0x10000000], 0xdeadbeef
            0x8b, 0x1c, 0x25, 0x04, 0x00, 0x00, 0x10,                         // mov ebx, [0x10000004]
            0x66, 0xed,                                                       // in ax, dx
            0xf4,                                                             // hlt
        ]);

        VcpuExit exit = guest.Run();
        Assert.Equal(VcpuExitKind.Pio, exit.Kind);
        Assert.True(exit.Pio.IsWrite);
        Assert.Equal(0x3f8, exit.Pio.Port);
        Assert.Equal(1, exit.Pio.Size);
        Assert.Equal(1, exit.Pio.Count);
        Assert.Equal([0x42], exit.Pio.Data.ToArray());

        exit = guest.Run();
        Assert.Equal(VcpuExitKind.Mmio, exit.Kind);
        Assert.True(exit.Mmio.IsWrite);
        Assert.Equal(TestGuest.MmioAddress, exit.Mmio.Address);
        Assert.Equal(0xdead_beefu, BinaryPrimitives.ReadUInt32LittleEndian(exit.Mmio.Data));

        exit = guest.Run();
        Assert.Equal(VcpuExitKind.Mmio, exit.Kind);
        Assert.False(exit.Mmio.IsWrite);
        Assert.Equal(TestGuest.MmioAddress + 4, exit.Mmio.Address);
        Assert.Equal(4, exit.Mmio.Data.Length);
        BinaryPrimitives.WriteUInt32LittleEndian(exit.Mmio.Data, 0x1234_5678);

        exit = guest.Run();
        Assert.Equal(VcpuExitKind.Pio, exit.Kind);
        Assert.False(exit.Pio.IsWrite);
        Assert.Equal(2, exit.Pio.Size);
        BinaryPrimitives.WriteUInt16LittleEndian(exit.Pio.Data, 0xabcd);

        Assert.Equal(VcpuExitKind.Halt, guest.Run().Kind);
        VcpuRegisters registers = guest.Vcpu.GetRegisters();
        Assert.Equal(0x1234_5678ul, registers.Rbx);
        Assert.Equal(0xabcdul, registers.Rax & 0xffff);
    }

    [Fact]
    public void ARepeatedStringWriteComesAsSeveralAccesses()
    {
        using var guest = new TestGuest(
        [
            0x66, 0xba, 0x00, 0x05,       // mov dx, 0x500
            0xbe, 0x00, 0x80, 0x00, 0x00, // mov esi, the code itself
            0xb9, 0x04, 0x00, 0x00, 0x00, // mov ecx, 4
            0xf3, 0x6e,                   // rep outsb
            0xf4,                         // hlt
        ]);
        var written = new List<byte>();
        VcpuExit exit;
        while ((exit = guest.Run()).Kind == VcpuExitKind.Pio)
        {
            Assert.Equal(0x500, exit.Pio.Port);
            Assert.Equal(exit.Pio.Size * exit.Pio.Count, exit.Pio.Data.Length);
            written.AddRange(exit.Pio.Data.ToArray());
        }

        Assert.Equal(VcpuExitKind.Halt, exit.Kind);
        Assert.Equal([0x66, 0xba, 0x00, 0x05], written);
    }

    [Fact]
    public void AnImmediateExitCompletesTheAccessBeforeIt()
    {
        using var guest = new TestGuest([0x66, 0xba, 0x00, 0x05, 0xec, 0xf4]); // mov dx, 0x500; in al, dx; hlt
        VcpuExit exit = guest.Run();
        Assert.Equal(VcpuExitKind.Pio, exit.Kind);
        exit.Pio.Data[0] = 0x77;
        guest.Vcpu.ImmediateExit = true;
        Assert.Equal(VcpuExitKind.Interrupted, guest.Vcpu.Run().Kind);
        Assert.False(guest.Vcpu.ImmediateExit);
        VcpuRegisters registers = guest.Vcpu.GetRegisters();
        Assert.Equal(0x77ul, registers.Rax & 0xff);
        Assert.Equal(TestGuest.CodeAddress + 5ul, registers.Rip);
    }

    [Fact]
    public void AFaultWithoutHandlersEndsInShutdown()
    {
        using var guest = new TestGuest([0x0f, 0x0b]); // ud2, with an empty interrupt table
        Assert.Equal(VcpuExitKind.Shutdown, guest.Run().Kind);
    }

    [Fact]
    public void AnExitCostsNoAllocation()
    {
        using var guest = new TestGuest(
        [
            0x66, 0xba, 0x00, 0x05,                                           // mov dx, 0x500
            0xee,                                                             // out dx, al
            0xc7, 0x04, 0x25, 0x00, 0x00, 0x00, 0x10, 0xef, 0xbe, 0xad, 0xde, // mov dword [0x10000000], 0xdeadbeef
            0xeb, 0xf2,                                                       // jmp out
        ]);
        int sum = 0;
        for (int i = 0; i < 200; i++)
        {
            sum += Handle(guest);
        }

        long before = GC.GetAllocatedBytesForCurrentThread();
        for (int i = 0; i < 2000; i++)
        {
            sum += Handle(guest);
        }

        long allocated = GC.GetAllocatedBytesForCurrentThread() - before;
        Assert.Equal(0, allocated);
        Assert.Equal(1100 * (1 + 4), sum);
    }

    [Fact]
    public void AKickCostsNoAllocation()
    {
        using var guest = new TestGuest([0xeb, 0xfe]); // jmp $
        guest.Vcpu.BindToCurrentThread();
        int interrupted = 0;
        long allocated = 0;
        for (int round = 0; round < 2; round++)
        {
            long before = GC.GetAllocatedBytesForCurrentThread();
            for (int i = 0; i < 100; i++)
            {
                guest.Vcpu.Kick();
                interrupted += guest.Vcpu.Run().Kind == VcpuExitKind.Interrupted ? 1 : 0;
            }

            allocated = GC.GetAllocatedBytesForCurrentThread() - before;
        }

        guest.Vcpu.Unbind();
        Assert.Equal(200, interrupted);
        Assert.Equal(0, allocated);
    }

    private static int Handle(TestGuest guest)
    {
        VcpuExit exit = guest.Run();
        return exit.Kind switch
        {
            VcpuExitKind.Pio => exit.Pio.Data.Length,
            VcpuExitKind.Mmio => exit.Mmio.Data.Length,
            _ => int.MinValue,
        };
    }
}
