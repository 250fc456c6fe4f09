using CsCheck;
using StratoVirt.Backends.Io;
using StratoVirt.Devices.Pci;
using StratoVirt.Devices.Tests.Pci;
using StratoVirt.Devices.Virtio;
using StratoVirt.Devices.Virtio.Transport;
using StratoVirt.Testing.Virtio;
using Xunit;

namespace StratoVirt.Devices.Tests.Virtio.Pci;

public sealed class HostileVirtioPciTests
{
    private static readonly Gen<(int What, ulong Offset, int Length, ulong Value)[]> Accesses = Gen.Select(
        Gen.Int[0, 9],
        Gen.OneOf(Gen.ULong[0, 0x40], Gen.ULong[0, 0x1_0000]),
        Gen.OneOf(1, 2, 4, 8),
        Gen.OneOf(Gen.ULong, Gen.ULong[0, 0x20], Gen.OneOf(0UL, 1UL, 2UL, 3UL, 11UL, 15UL, 0xFFFFUL, 0x10_0000UL, 0x8000_0000UL)))
        .Array[1, 150];

    [Fact]
    public void Whatever_is_read_and_written_it_goes_on() => Accesses.Sample(
        accesses =>
        {
            using VirtioPciMachine machine = new();
            machine.Driver.Start(VirtioPciMachine.Place, queueSize: 8);
            foreach ((int what, ulong offset, int length, ulong value) in accesses)
            {
                byte[] data = BitConverter.GetBytes(value)[..length];
                switch (what)
                {
                    case 0:
                        machine.Transport.Function.WriteConfiguration((int)offset & 0xFF, data);
                        break;
                    case 1:
                        machine.Transport.Function.ReadConfiguration((int)offset & 0xFFF, data);
                        break;
                    case 2 or 3:
                        machine.Transport.Read(Within(offset, length), data);
                        break;
                    case 4:
                        machine.Transport.UsedBuffers((int)(value & 1));
                        break;
                    case 5:
                        machine.Serve((int)(value & 1));
                        break;
                    default:
                        machine.Transport.Write(Within(offset, length), data);
                        break;
                }
            }

            Assert.Null(machine.Memory.FirstDamage);
            machine.Machine.Root.Reset();
            machine.Driver.Start(VirtioPciMachine.Place, queueSize: 8);
            machine.Driver.Queues[0]!.Add([machine.Memory.Readable([1])]);
            machine.Driver.Kick(0);
            Assert.True(machine.Serve(0));
            machine.Driver.Queues[0]!.Collect();
        },
        iter: 300);

    /// <summary>Resets in place of each step of the driver's way, one after the other.</summary>
    [Fact]
    public void A_reset_is_good_at_every_step()
    {
        using VirtioPciMachine machine = new();
        VirtioPciDriver driver = machine.Driver;
        Action[] way =
        [
            () => driver.Probe(VirtioPciMachine.Place),
            () => driver.Status = VirtioStatus.Acknowledge,
            () => driver.Status |= VirtioStatus.Driver,
            () => driver.Negotiate(driver.ReadOffered() & ~VirtioFeatures.PackedRing),
            driver.EnableInterrupts,
            () => driver.SetUpQueues(8),
            () => driver.Status |= VirtioStatus.DriverOk,
            () => driver.Notify(0),
        ];
        for (int steps = 0; steps <= way.Length; steps++)
        {
            foreach (bool ofMachine in new[] { false, true })
            {
                foreach (Action step in way.Take(steps))
                {
                    step();
                }

                if (ofMachine)
                {
                    machine.Machine.Root.Reset();
                }
                else if (steps > 0)
                {
                    driver.Reset();
                }

                Assert.Equal(VirtioStatus.None, machine.Transport.Status);
                Assert.Null(machine.Device.Activation);
            }
        }

        driver.Start(VirtioPciMachine.Place);
    }

    [Fact]
    public void A_thousand_plugged_and_removed_leave_map_and_routes_as_they_were()
    {
        PciMachine machine = new();
        using IoThread thread = new("pci-rounds", _ => { });
        using TestGuestMemory memory = new();
        string before = machine.Map;
        const int rounds = 1 + (1000 / PciRoot.SlotCount);
        for (int round = 0; round < rounds; round++)
        {
            var plugged = new VirtioPci[PciRoot.SlotCount];
            for (int slot = 1; slot < PciRoot.SlotCount; slot++)
            {
                plugged[slot] = new VirtioPci(new TallyDevice(thread, 12, 4), memory.Memory, machine.Router);
                machine.Root.Plug(slot, plugged[slot].Function);
                machine.Driver(slot).PlaceBar(0, PciMachine.HighWindow + ((ulong)slot << 16));
            }

            Assert.Equal(-1, machine.Root.FindFreeSlot());
            Assert.Equal(33, machine.Memory.Map.Mappings.Length);
            for (int slot = 1; slot < PciRoot.SlotCount; slot++)
            {
                Assert.Same(plugged[slot].Function, machine.Root.Unplug(slot));
                plugged[slot].Dispose();
            }
        }

        Assert.Equal(before, machine.Map);
        Assert.Equal(0, machine.Router.InUse);
    }

    [Fact]
    public void A_device_that_is_gone_answers_nothing_to_a_vCPU_that_comes_late()
    {
        VirtioPciMachine machine = new();
        machine.Driver.Start(VirtioPciMachine.Place);
        machine.Machine.Root.Unplug(VirtioPciMachine.Slot);
        machine.Dispose();
        byte[] data = [1, 0];
        machine.Transport.Write(0x3000, data);
        machine.Transport.Write(0x2000, data);
        machine.Transport.Write(0x4000, [0, 0, 0, 0]);
        machine.Transport.Read(0, data);
        machine.Transport.Function.WriteConfiguration(4, data);
        machine.Transport.UsedBuffers(0);
        machine.Transport.ConfigurationChanged();
        Assert.Equal(0, machine.Machine.Router.InUse);
    }

    private static ulong Within(ulong offset, int length) => Math.Min(offset, 0x1_0000UL - (ulong)length);
}
