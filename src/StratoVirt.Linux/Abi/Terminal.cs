using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using StratoVirt.Linux.Handles;

namespace StratoVirt.Linux.Abi;

/// <summary>struct termios as the kernel has it (<c>asm-generic/termbits.h</c>): how a terminal behaves.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct termios
{
    internal uint c_iflag;
    internal uint c_oflag;
    internal uint c_cflag;
    internal uint c_lflag;
    internal byte c_line;
    internal c_cc c_cc;
}

/// <summary>A terminal's special characters.</summary>
[InlineArray(LibC.NCCS)]
internal struct c_cc
{
    private byte _first;
}

/// <summary>struct winsize of <c>asm-generic/termios.h</c>: the size of a terminal, in characters and pixels.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct winsize
{
    internal ushort ws_row;
    internal ushort ws_col;
    internal ushort ws_xpixel;
    internal ushort ws_ypixel;
}

internal static partial class LibC
{
    internal const int NCCS = 19;
    internal const uint TCGETS = 0x5401;
    internal const uint TCSETS = 0x5402;
    internal const uint TIOCGWINSZ = 0x5413;
    internal const uint TIOCSWINSZ = 0x5414;
    internal const uint IGNBRK = 1;
    internal const uint BRKINT = 2;
    internal const uint PARMRK = 8;
    internal const uint ISTRIP = 0x20;
    internal const uint INLCR = 0x40;
    internal const uint IGNCR = 0x80;
    internal const uint ICRNL = 0x100;
    internal const uint IXON = 0x400;
    internal const uint OPOST = 1;
    internal const uint ISIG = 1;
    internal const uint ICANON = 2;
    internal const uint ECHO = 8;
    internal const uint ECHONL = 0x40;
    internal const uint IEXTEN = 0x8000;
    internal const uint CSIZE = 0x30;
    internal const uint PARENB = 0x100;
    internal const uint CS8 = 0x30;
    internal const int VTIME = 5;
    internal const int VMIN = 6;

    [LibraryImport(Library, SetLastError = true)]
    internal static partial int ioctl(FileDescriptor fd, nuint request, ref termios argument);

    [LibraryImport(Library, SetLastError = true)]
    internal static partial int ioctl(FileDescriptor fd, nuint request, ref winsize argument);
}
