namespace StratoVirt.Linux.Abi.Arm64;

/// <summary>Flags of open(2) whose values aarch64 has to itself.</summary>
internal static class OpenFlag
{
    internal const int O_DIRECT = 0x10000;
}
