using StratoVirt.Testing.Virtio;
using Xunit;
using static StratoVirt.Testing.Virtio.VirtioMmioDriver;

namespace StratoVirt.Devices.Tests.Virtio.Transport;

/// <summary>What single registers and configuration space do.</summary>
public sealed class VirtioMmioRegisterTests : VirtioMmioFixture
{
    [Fact]
    public void Configuration_is_read_and_written_in_any_width_within_its_length()
    {
        Driver.WriteConfiguration(8, 0x8877_6655_4433_2211);
        Assert.Equal(0x8877_6655_4433_2211, Driver.ReadConfiguration<ulong>(8));
        Assert.Equal(0x33, Driver.ReadConfiguration<byte>(10));
        byte[] whole = new byte[8];
        Driver.Read(Register.Configuration + 8, whole);
        Assert.Equal(0x8877_6655_4433_2211, BitConverter.ToUInt64(whole));
    }

    [Theory]
    [InlineData(24, 1)]
    [InlineData(23, 2)]
    [InlineData(21, 4)]
    [InlineData(17, 8)]
    [InlineData(0xEFF, 1)]
    [InlineData(0xEFC, 8)]
    public void Configuration_behind_its_end_reads_zero_and_takes_nothing(int offset, int length)
    {
        for (int i = 0; i < LoopbackDevice.ConfigurationBytes; i++)
        {
            Driver.WriteConfiguration(i, (byte)(i + 1));
        }

        byte[] data = new byte[length];
        Array.Fill(data, (byte)0xEE);
        Driver.Write((ulong)(Register.Configuration + offset), data);
        Mmio.Read((ulong)(Register.Configuration + offset), data);

        Assert.Equal(new byte[length], data);
        for (int i = 0; i < LoopbackDevice.ConfigurationBytes; i++)
        {
            Assert.Equal((byte)(i + 1), Driver.ReadConfiguration<byte>(i));
        }
    }

    [Fact]
    public void A_change_of_configuration_changes_the_generation_and_interrupts_a_runningDriver()
    {
        uint before = Driver.Read32(Register.ConfigurationGeneration);
        Mmio.ConfigurationChanged();
        Assert.NotEqual(before, Driver.Read32(Register.ConfigurationGeneration));
        Assert.Equal(0, Line.Edges);

        Driver.Start();
        Device.ChangeConfiguration();
        Assert.Equal(1, Line.Edges);
        Assert.Equal(2u, Driver.TakeInterrupt());
    }

    [Fact]
    public void An_interrupts_causes_stay_until_each_is_acknowledged()
    {
        Driver.Start();
        Echo();
        Device.ChangeConfiguration();
        Assert.Equal(3u, Driver.Read32(Register.InterruptStatus));
        Driver.Write32(Register.InterruptAcknowledge, 1);
        Assert.Equal(2u, Driver.Read32(Register.InterruptStatus));
        Driver.Write32(Register.InterruptAcknowledge, uint.MaxValue);
        Assert.Equal(0u, Driver.Read32(Register.InterruptStatus));
    }

    [Fact]
    public void A_queue_that_does_not_exist_has_no_registers()
    {
        foreach (uint queue in (uint[])[2, 64, 0x8000_0000, uint.MaxValue])
        {
            Driver.Write32(Register.QueueSelect, queue);
            foreach (int register in (int[])[Register.QueueSize, Register.QueueDescriptor, Register.QueueDevice + 4, Register.QueueReset, Register.QueueReady])
            {
                Driver.Write32(register, 1);
            }

            Assert.Equal((0u, 0u), (Driver.Read32(Register.QueueSizeMax), Driver.Read32(Register.QueueReady)));
            Driver.Write32(Register.QueueNotify, queue);
        }

        Driver.Start();
        Echo();
    }

    [Fact]
    public void Registers_are_accessed_as_aligned_words_only()
    {
        foreach ((ulong offset, int length) in ((ulong, int)[])[(0, 1), (0, 2), (0, 8), (2, 4), (1, 4)])
        {
            byte[] data = new byte[length];
            Mmio.Read(offset, data);
            Assert.Equal(new byte[length], data);
        }

        Driver.Start();
        Driver.Write(Register.Status, [0]);
        Driver.Write(Register.Status, new byte[8]);
        Echo();
    }

    [Fact]
    public void There_is_no_sharedMemory()
    {
        foreach (int register in (int[])[0x0B0, 0x0B4, 0x0B8, 0x0BC])
        {
            Assert.Equal(uint.MaxValue, Driver.Read32(register));
        }
    }
}
