using System.Runtime.InteropServices;
using StratoVirt.Linux.Abi;

namespace StratoVirt.Linux;

/// <summary>The kernel's random number generator (getrandom).</summary>
public static class KernelRandom
{
    /// <summary>Fills a buffer. Waits only in the first moments after the host's boot; allocates nothing.</summary>
    /// <returns>The error that stopped it, which a kernel of this century does not have.</returns>
    public static Errno Fill(Span<byte> buffer)
    {
        while (!buffer.IsEmpty)
        {
            nint count = LibC.getrandom(ref MemoryMarshal.GetReference(buffer), (nuint)buffer.Length, 0);
            if (count >= 0)
            {
                buffer = buffer[(int)count..];
            }
            else if (LinuxException.LastErrno != Errno.Interrupted)
            {
                return LinuxException.LastErrno;
            }
        }

        return Errno.None;
    }
}
