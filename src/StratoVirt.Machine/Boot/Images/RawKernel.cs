using StratoVirt.Machine.Boot.X64;

namespace StratoVirt.Machine.Boot.Images;

/// <summary>
/// A raw binary: loaded at 1 MiB and entered at its first byte in 64-bit mode over the identity map, with
/// <c>boot_params</c> in RSI as if it were Linux.
/// </summary>
internal sealed class RawKernel(BootFile file) : KernelImage(file)
{
    /// <inheritdoc/>
    public override ulong End => Layout.ExtendedMemory + (ulong)File.Length;
}
