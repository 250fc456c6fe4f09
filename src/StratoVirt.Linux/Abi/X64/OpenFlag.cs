namespace StratoVirt.Linux.Abi.X64;

/// <summary>Flags of open(2) whose values x86_64 has to itself.</summary>
internal static class OpenFlag
{
    internal const int O_DIRECT = 0x4000;
}
