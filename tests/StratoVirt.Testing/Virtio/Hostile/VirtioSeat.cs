using StratoVirt.Devices.Virtio;
using StratoVirt.Devices.Virtio.Queue;
using StratoVirt.Devices.Virtio.Transport;

namespace StratoVirt.Testing.Virtio.Hostile;

/// <summary>A device behind a transport, and the driver at its registers.</summary>
public abstract class VirtioSeat : IDisposable
{
    /// <summary>The transport.</summary>
    public abstract VirtioTransport Transport { get; }

    /// <summary>The driver's ends of the queues.</summary>
    public abstract IReadOnlyList<DriverQueue?> Queues { get; }

    /// <summary>What was negotiated.</summary>
    public abstract ulong Features { get; }

    /// <summary>The status register.</summary>
    public abstract VirtioStatus Status { get; set; }

    /// <summary>The device.</summary>
    public VirtioDevice Device => Transport.Device;

    /// <summary>Resets and sets up the device as a driver does.</summary>
    public abstract void Start(ulong wanted, ushort queueSize);

    /// <summary>Sets up as the word says, which is not as a driver does.</summary>
    public abstract void StartBadly(TestGuestMemory memory, ref Choices choices);

    /// <summary>Writes 0 to the status.</summary>
    public abstract void Reset();

    /// <summary>Resets a queue and sets it up anew.</summary>
    public abstract void ResetQueue(int queue, ushort size);

    /// <summary>Shows what was added, and notifies if that was asked for.</summary>
    public abstract void Kick(int queue);

    /// <summary>Notifies, whatever was asked for; of no queue too.</summary>
    public abstract void Notify(int queue);

    /// <summary>Reads why it was interrupted.</summary>
    public abstract void TakeInterrupt();

    /// <summary>Writes a register.</summary>
    public abstract void WriteAnywhere(ref Choices choices);

    /// <summary>Reads a register.</summary>
    public abstract void ReadAnywhere(ref Choices choices);

    /// <summary>Writes configuration space at any offset and width.</summary>
    public abstract void WriteConfiguration(ref Choices choices);

    /// <summary>The machine's reset.</summary>
    public abstract void ResetMachine();

    /// <summary>The machine takes the device out; vCPUs that were on their way in come too late.</summary>
    public abstract void Dispose();

    /// <summary>A queue's description that lies in or beside memory as chosen.</summary>
    protected static VirtqueueSetup Misplace(VirtqueueSetup setup, TestGuestMemory memory, ref Choices choices)
    {
        ArgumentNullException.ThrowIfNull(memory);
        ulong end = memory.End.Value;
        return choices.Below(6) switch
        {
            0 => setup with { Size = (ushort)choices.Word(setup.Size) },
            1 => setup with { DescriptorArea = new(choices.Word(end)) },
            2 => setup with { DriverArea = new(choices.Word(end)) },
            3 => setup with { DeviceArea = new(choices.Word(end)) },
            4 => setup with { DeviceArea = new(end - 4) },
            _ => setup with { DescriptorArea = new(setup.DescriptorArea.Value + 1 + (ulong)choices.Below(15)) },
        };
    }

    /// <summary>Bytes of a write.</summary>
    protected static int Width(ref Choices choices) => choices.Once(8) ? 1 + choices.Below(8) : 1 << choices.Below(4);
}
