using System.Buffers.Binary;
using StratoVirt.Devices.Virtio.Queue;

namespace StratoVirt.Devices.Virtio.Net;

/// <summary>The commands of a control queue (virtio 1.3 §5.1.6.5). What the card does not know it refuses.</summary>
internal sealed class NetControl
{
    private const byte Ok = 0;
    private const byte Error = 1;
    private const int HeadLength = 2;
    private const uint EntriesLength = 4;

    private readonly INetControlled _card;

    internal NetControl(INetControlled card) => _card = card;

    /// <summary>What was negotiated.</summary>
    internal ulong Features { get; set; }

    /// <summary>Obeys one command and completes it.</summary>
    internal bool Serve(DescriptorChain chain)
    {
        byte ack = Obey(chain) ? Ok : Error;
        chain.Queue.Complete(chain, chain.TryWrite(0, in ack) ? 1u : 0);
        return true;
    }

    private bool Obey(DescriptorChain chain)
    {
        Span<byte> head = stackalloc byte[HeadLength];
        return chain.Read(0, head) == HeadLength && (Command)BinaryPrimitives.ReadUInt16BigEndian(head) switch
        {
            // Frames are taken for every address: no mode filters any (§5.1.6.5.1: best effort).
            Command.Promiscuous or Command.AllMulticast => Has(NetFeatures.ControlReceive) && IsSwitch(chain),
            Command.SetMacTable => Has(NetFeatures.ControlReceive) && IsMacTable(chain),
            Command.SetMacAddress => Has(NetFeatures.ControlMacAddress) && SetMacAddress(chain),
            Command.SetPairs => Has(NetFeatures.MultiQueue)
                && DataLength(chain) == sizeof(ushort)
                && chain.TryRead(HeadLength, out ushort pairs)
                && _card.TrySetPairs(pairs),
            Command.SetGuestOffloads => Has(NetFeatures.ControlGuestOffloads)
                && DataLength(chain) == sizeof(ulong)
                && chain.TryRead(HeadLength, out ulong offloads)
                && _card.TrySetGuestOffloads(offloads),
            _ => false,
        };
    }

    private bool Has(ulong feature) => (Features & feature) != 0;

    private static uint DataLength(DescriptorChain chain) => chain.ReadableLength - HeadLength;

    private static bool IsSwitch(DescriptorChain chain) =>
        DataLength(chain) == 1 && chain.TryRead(HeadLength, out byte on) && on <= 1;

    private bool SetMacAddress(DescriptorChain chain)
    {
        Span<byte> bytes = stackalloc byte[MacAddress.Length];
        if (DataLength(chain) != MacAddress.Length || chain.Read(HeadLength, bytes) != MacAddress.Length)
        {
            return false;
        }

        MacAddress mac = MacAddress.Read(bytes);
        return mac.IsUnicast && _card.TrySetMac(mac);
    }

    // Two tables, of which only the lengths matter to a card that takes everything.
    private static bool IsMacTable(DescriptorChain chain)
    {
        ulong offset = HeadLength;
        for (int table = 0; table < 2; table++)
        {
            if (offset > chain.ReadableLength || !chain.TryRead((uint)offset, out uint entries))
            {
                return false;
            }

            offset += EntriesLength + ((ulong)entries * MacAddress.Length);
        }

        return offset == chain.ReadableLength;
    }

    /// <summary>Class in the upper byte, command in the lower.</summary>
    private enum Command : ushort
    {
        Promiscuous = 0x0000,
        AllMulticast = 0x0001,
        SetMacTable = 0x0100,
        SetMacAddress = 0x0101,
        SetPairs = 0x0400,
        SetGuestOffloads = 0x0500,
    }
}
