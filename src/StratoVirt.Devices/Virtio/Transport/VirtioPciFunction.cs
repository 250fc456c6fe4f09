using StratoVirt.Devices.Pci;
using StratoVirt.Devices.Pci.Msix;

namespace StratoVirt.Devices.Virtio.Transport;

/// <summary>The PCI function of a <see cref="VirtioPci"/>: identity, capabilities, and the window through configuration
/// space (virtio 1.3 §4.1.2, §4.1.4).</summary>
internal sealed class VirtioPciFunction : PciDevice
{
    private const ushort VirtioVendor = 0x1AF4;
    private const ushort FirstDevice = 0x1040;
    private const byte ModernRevision = 1;

    private readonly VirtioPci _owner;
    private readonly int _msix;
    private readonly int _window;

    public VirtioPciFunction(VirtioPci owner)
        : base($"virtio {owner.Device.Type}", Identify(owner.Device.Type))
    {
        _owner = owner;
        Bar = AddBar(VirtioPciLayout.Bar, VirtioPciLayout.BarLength, is64Bit: true, owner);
        _msix = Configuration.AddCapability(
            MsixTable.CapabilityId,
            owner.Msix.DescribeCapability(VirtioPciLayout.Bar, VirtioPciLayout.MsixTable, VirtioPciLayout.MsixPending));

        // The capability's first word is ID, next pointer, message control.
        Configuration.AllowWrites32(_msix, (uint)(MsixTable.Enable | MsixTable.FunctionMask) << 16);

        Add(VirtioPciCapability.Describe(VirtioPciCapability.Registers, VirtioPciLayout.Registers, VirtioPciLayout.RegistersLength));
        Add(VirtioPciCapability.Describe(
            VirtioPciCapability.InterruptStatus, VirtioPciLayout.InterruptStatus, VirtioPciLayout.InterruptStatusLength));
        if (owner.Device.ConfigurationLength > 0)
        {
            Add(VirtioPciCapability.Describe(
                VirtioPciCapability.Configuration, VirtioPciLayout.Configuration, VirtioPciLayout.ConfigurationLength));
        }

        Add(VirtioPciCapability.Describe(
            VirtioPciCapability.Notify, VirtioPciLayout.Notify, VirtioPciLayout.NotifyLength, VirtioPciLayout.NotifyMultiplier));

        _window = Add(VirtioPciCapability.Describe(VirtioPciCapability.Window, offset: 0, length: 0, extra: 0));
        Configuration.AllowWrites32(_window + VirtioPciCapability.BarOffset, 0xFF);
        Configuration.AllowWrites32(_window + VirtioPciCapability.OffsetOffset, uint.MaxValue);
        Configuration.AllowWrites32(_window + VirtioPciCapability.LengthOffset, uint.MaxValue);
        Configuration.AllowWrites32(_window + VirtioPciCapability.WindowDataOffset, uint.MaxValue);
    }

    public Bar Bar { get; }

    private int WindowData => _window + VirtioPciCapability.WindowDataOffset;

    protected override void OnConfigurationRead(int offset, int length)
    {
        if (Touches(offset, length, WindowData, sizeof(uint)) && TryAimWindow(out ulong target, out int width))
        {
            Span<byte> data = stackalloc byte[width];
            data.Clear();
            _owner.Read(target, data);
            Configuration.Store(WindowData, data);
        }
    }

    protected override void OnConfigurationWritten(int offset, int length)
    {
        if (Touches(offset, length, _msix, sizeof(uint)))
        {
            ApplyControl();
        }

        if (Touches(offset, length, WindowData, sizeof(uint)) && TryAimWindow(out ulong target, out int width))
        {
            Span<byte> data = stackalloc byte[width];
            Configuration.Read(WindowData, data);
            _owner.Write(target, data);
        }
    }

    protected override void OnRestored() => ApplyControl();

    protected override void OnMoved(Bar bar) => _owner.Moved();

    protected override void OnReset() => _owner.ResetBehindFunction();

    private static PciIdentity Identify(VirtioDeviceType type)
    {
        ushort device = (ushort)(FirstDevice + (int)type);
        return new PciIdentity(VirtioVendor, device, ModernRevision, Classify(type), VirtioVendor, device);
    }

    // For the eyes of lspci; drivers go by vendor and device (PCI Code and ID Assignment 1.11).
    private static uint Classify(VirtioDeviceType type) => type switch
    {
        VirtioDeviceType.Network => 0x02_00_00,
        VirtioDeviceType.Block or VirtioDeviceType.FileSystem or VirtioDeviceType.PersistentMemory => 0x01_80_00,
        VirtioDeviceType.Console => 0x07_80_00,
        VirtioDeviceType.Vsock => 0x02_80_00,
        _ => 0xFF_00_00,
    };

    private int Add(byte[] body) => Configuration.AddCapability(VirtioPciCapability.Id, body);

    private void ApplyControl() => _owner.Msix.WriteControl(Configuration.Read16(_msix + MsixTable.ControlOffset));

    // The driver must aim at an aligned 1, 2 or 4 bytes of a structure (§4.1.4.9.2); otherwise the data are plain bytes.
    private bool TryAimWindow(out ulong target, out int width)
    {
        target = Configuration.Read32(_window + VirtioPciCapability.OffsetOffset);
        uint length = Configuration.Read32(_window + VirtioPciCapability.LengthOffset);
        width = (int)length & 7;
        return length is 1 or 2 or 4
            && target % length == 0
            && target < VirtioPciLayout.BarLength
            && (byte)Configuration.Read32(_window + VirtioPciCapability.BarOffset) == VirtioPciLayout.Bar;
    }
}
