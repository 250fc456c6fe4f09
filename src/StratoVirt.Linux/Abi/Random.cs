using System.Runtime.InteropServices;

namespace StratoVirt.Linux.Abi;

internal static partial class LibC
{
    [LibraryImport(Library, SetLastError = true)]
    internal static partial nint getrandom(ref byte buffer, nuint count, uint flags);
}
