using System.Diagnostics.CodeAnalysis;

namespace StratoVirt.Machine.Boot;

/// <summary>Whether this process unpacks kernels. The host process is handed an unpacked one, and leaves the decoders
/// out of its program.</summary>
internal static class KernelUnpacking
{
    [FeatureSwitchDefinition("StratoVirt.Machine.UnpackKernels")]
    public static bool IsSupported => !AppContext.TryGetSwitch("StratoVirt.Machine.UnpackKernels", out bool unpacks) || unpacks;
}
