using System.Runtime.InteropServices;

namespace StratoVirt.Linux.Abi;

/// <summary>A timer's setting: first expiry and period.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct itimerspec
{
    internal timespec it_interval;
    internal timespec it_value;
}
