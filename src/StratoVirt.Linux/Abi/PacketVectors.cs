using System.Runtime.InteropServices;
using StratoVirt.Linux.Handles;

namespace StratoVirt.Linux.Abi;

internal static partial class LibC
{
    [LibraryImport(Library, SetLastError = true)]
    internal static partial nint readv(FileDescriptor fd, nint vectors, int count);

    [LibraryImport(Library, SetLastError = true)]
    internal static partial nint writev(FileDescriptor fd, nint vectors, int count);
}
