using StratoVirt.Backends.Io;
using StratoVirt.Devices.Virtio;
using StratoVirt.Devices.Virtio.Queue;

namespace StratoVirt.Devices.Tests.Virtio.Pci;

/// <summary>A device that uses every buffer as it is, whose configuration space can be written.</summary>
internal sealed class TallyDevice(IoThread thread, int configurationLength = 12, params ushort[] queueSizes)
    : VirtioDevice(VirtioDeviceType.Network, queueSizes.Length == 0 ? [64, 16] : queueSizes, thread)
{
    internal byte[] Configuration { get; } = [.. Enumerable.Range(1, configurationLength).Select(i => (byte)i)];

    internal VirtioActivation? Activation => Active;

    public override ulong Features => 1 << 5;

    public override int ConfigurationLength => Configuration.Length;

    public override void ReadConfiguration(int offset, Span<byte> data) => Configuration.AsSpan(offset, data.Length).CopyTo(data);

    public override void WriteConfiguration(int offset, ReadOnlySpan<byte> data) => data.CopyTo(Configuration.AsSpan(offset));

    internal void Announce() => Active!.Interrupts.ConfigurationChanged();

    internal void Break() => Fail("the test wants it");

    protected override void OnNotified(Virtqueue queue)
    {
        do
        {
            while (queue.TryPop(out DescriptorChain? chain))
            {
                queue.Complete(chain, 0);
            }

            Publish(queue);
        }
        while (queue.AllowNotifications());
    }
}
