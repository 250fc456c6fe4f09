using System.Buffers.Binary;

namespace StratoVirt.Devices.Virtio.Net;

/// <summary>
/// struct virtio_net_config up to mtu (virtio 1.3 §5.1.4). Read by vCPU threads at any time and changed by others: every
/// change replaces the whole.
/// </summary>
internal sealed class NetConfiguration
{
    internal const int Length = 12;
    private const int StatusOffset = 6;
    private const int PairsOffset = 8;
    private const int MtuOffset = 10;
    private const ushort LinkUp = 1;

    private readonly Lock _changing = new();
    private readonly ushort _pairs;
    private readonly ushort _mtu;
    private MacAddress _mac;
    private bool _isLinkUp;
    private volatile byte[] _bytes;

    internal NetConfiguration(MacAddress mac, int pairs, int mtu, bool isLinkUp)
    {
        _mac = mac;
        _pairs = (ushort)pairs;
        _mtu = (ushort)mtu;
        _isLinkUp = isLinkUp;
        _bytes = Encode();
    }

    internal MacAddress Mac
    {
        get
        {
            lock (_changing)
            {
                return _mac;
            }
        }

        set
        {
            lock (_changing)
            {
                _mac = value;
                _bytes = Encode();
            }
        }
    }

    internal bool IsLinkUp => (_bytes[StatusOffset] & LinkUp) != 0;

    /// <summary>Changes the state of the link.</summary>
    /// <returns>Whether it was another.</returns>
    internal bool SetLink(bool up)
    {
        lock (_changing)
        {
            if (_isLinkUp == up)
            {
                return false;
            }

            _isLinkUp = up;
            _bytes = Encode();
            return true;
        }
    }

    internal void Read(int offset, Span<byte> data) => _bytes.AsSpan(offset, data.Length).CopyTo(data);

    private byte[] Encode()
    {
        byte[] bytes = new byte[Length];
        _mac.Write(bytes);
        BinaryPrimitives.WriteUInt16LittleEndian(bytes.AsSpan(StatusOffset), _isLinkUp ? LinkUp : (ushort)0);
        BinaryPrimitives.WriteUInt16LittleEndian(bytes.AsSpan(PairsOffset), _pairs);
        BinaryPrimitives.WriteUInt16LittleEndian(bytes.AsSpan(MtuOffset), _mtu);
        return bytes;
    }
}
