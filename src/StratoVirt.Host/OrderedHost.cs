using StratoVirt.Host.Containment;
using StratoVirt.Linux;
using StratoVirt.Linux.Handles;
using StratoVirt.Machine.Boot;
using StratoVirt.Machine.Detached;

namespace StratoVirt.Host;

/// <summary>The host as <see cref="DetachedHost.Start"/> starts it: with an order on a descriptor.</summary>
internal static class OrderedHost
{
    // A definition is a few kilobytes, and its own limits keep it below a megabyte.
    private const ulong MaxOrderBytes = 16 << 20;

    /// <summary>Carries the order out.</summary>
    /// <returns>The process's exit code.</returns>
    public static int Run() => AnsweringHost.Run(() =>
    {
        using var file = new FileDescriptor(HostOrder.Descriptor);
        HostOrder order = Read(file);
        if (order is { Jailed: true, Inside: null })
        {
            JailStart.Run(order, file);
            return null;
        }

        return MachineHost.Create(order, KernelOf(order));
    });

    [System.Diagnostics.CodeAnalysis.SuppressMessage("Reliability", "CA2000", Justification = "The machine takes it over.")]
    private static OpenKernel? KernelOf(HostOrder order) => order.KernelStart is { } start
        ? new OpenKernel(order.Definition.Spec.Boot.Kernel ?? string.Empty, new FileDescriptor(HostOrder.KernelDescriptor), start)
        : null;

    private static HostOrder Read(FileDescriptor order)
    {
        var text = new byte[Math.Min(FileStatus.Of(order).Length, MaxOrderBytes)];
        Errno errno = order.ReadAt(text, 0, out int count);
        return errno == Errno.None
            ? HostOrderJson.Deserialize(text.AsSpan(0, count))
            : throw new LinuxException("read", errno, "the order");
    }
}
