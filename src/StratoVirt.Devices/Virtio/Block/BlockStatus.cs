namespace StratoVirt.Devices.Virtio.Block;

/// <summary>The last byte of every request (virtio 1.3 §5.2.6).</summary>
internal enum BlockStatus : byte
{
    Ok = 0,
    Error = 1,
    Unsupported = 2,
}
