using System.Runtime.InteropServices;
using StratoVirt.Backends.Net;

namespace StratoVirt.Devices.Virtio.Net;

/// <summary>struct virtio_net_hdr in front of every frame (virtio 1.3 §5.1.6), little-endian.</summary>
[StructLayout(LayoutKind.Sequential, Pack = 1, Size = INetBackend.HeaderLength)]
internal struct NetHeader
{
    internal const byte NeedsChecksum = 1;
    internal const byte SegmentNone = 0;
    internal const byte SegmentTcp4 = 1;
    internal const byte SegmentUdp = 3;
    internal const byte SegmentTcp6 = 4;
    internal const byte SegmentEcn = 0x80;
    private const int ChecksumLength = 2;

    internal byte Flags;
    internal byte SegmentType;
    internal ushort HeaderLength;
    internal ushort SegmentSize;
    internal ushort ChecksumStart;
    internal ushort ChecksumOffset;
    internal ushort Buffers;

    /// <summary>
    /// Makes what a driver wrote fit for the host: it says nothing that was not negotiated and points nowhere outside
    /// the frame (§5.1.6.2).
    /// </summary>
    /// <param name="features">What was negotiated.</param>
    /// <param name="frameLength">Bytes of the frame.</param>
    /// <returns>False when the driver has broken a rule that cannot be mended.</returns>
    internal bool TryClean(ulong features, uint frameLength)
    {
        // Flags the device does not know are to be ignored; a driver must not set the others at all.
        Flags &= NeedsChecksum;
        Buffers = 0;

        // A hint that may be wrong; the kernel refuses a frame shorter than it.
        HeaderLength = (ushort)Math.Min(HeaderLength, frameLength);
        if (Flags == 0)
        {
            ChecksumStart = 0;
            ChecksumOffset = 0;
        }
        else if ((features & NetFeatures.Checksum) == 0
            || ChecksumStart < NetFrame.MinLength
            || (uint)ChecksumStart + ChecksumOffset + ChecksumLength > frameLength)
        {
            return false;
        }

        if (SegmentType == SegmentNone)
        {
            SegmentSize = 0;
            return true;
        }

        return Flags != 0 && SegmentSize != 0 && IsNegotiated(features);
    }

    private readonly bool IsNegotiated(ulong features)
    {
        bool ecn = (SegmentType & SegmentEcn) != 0;
        ulong needed = (SegmentType & ~SegmentEcn) switch
        {
            SegmentTcp4 => NetFeatures.HostTso4,
            SegmentTcp6 => NetFeatures.HostTso6,
            SegmentUdp when !ecn => NetFeatures.HostUfo,
            _ => 0,
        };
        return needed != 0 && (features & needed) != 0 && (!ecn || (features & NetFeatures.HostEcn) != 0);
    }
}
