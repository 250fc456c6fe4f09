using System.Text;

namespace StratoVirt.Machine.Jail;

/// <summary>The user and group that a jailed machine runs as, and nobody else does.</summary>
internal static class JailUser
{
    // Far above the users of any directory, container or systemd range; two machines of one name in one runtime
    // directory cannot run at once, and others differ but for one chance in millions.
    private const uint First = 0x6000_0000;
    private const uint Count = 0x1000_0000;

    /// <summary>The user of a machine, by the name of its directory.</summary>
    public static uint Of(string directory)
    {
        // FNV-1a (Fowler, Noll, Vo), its better mixed half: the hashes of .NET's cryptography would load OpenSSL, and
        // with it a second C library, into a static program.
        const ulong Offset = 0xCBF2_9CE4_8422_2325;
        const ulong Prime = 0x100_0000_01B3;
        ulong hash = Offset;
        foreach (byte part in Encoding.UTF8.GetBytes(directory))
        {
            hash = (hash ^ part) * Prime;
        }

        return First + ((uint)(hash >> 32) % Count);
    }
}
