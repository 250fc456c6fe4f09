using System.Text;

namespace StratoVirt.Devices.Virtio.Block;

/// <summary>How a block device is made.</summary>
public sealed record BlockConfiguration
{
    /// <summary>The most queues.</summary>
    public const int MaxQueues = 32;

    /// <summary>The most entries of a queue.</summary>
    public const int MaxQueueSize = 1024;

    /// <summary>The most characters of a serial number (virtio 1.3 §5.2.6).</summary>
    public const int SerialLength = 20;

    /// <summary>Request queues, 1 to <see cref="MaxQueues"/>; one a vCPU serves best.</summary>
    public int Queues { get; init; } = 1;

    /// <summary>Entries of each queue, a power of two, 4 to <see cref="MaxQueueSize"/>.</summary>
    public int QueueSize { get; init; } = 256;

    /// <summary>What the guest sees as the disk's serial number: printable ASCII.</summary>
    public string Serial { get; init; } = string.Empty;

    internal byte[] SerialBytes()
    {
        byte[] bytes = new byte[SerialLength];
        Encoding.ASCII.GetBytes(Serial, bytes);
        return bytes;
    }

    internal void Check()
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(Queues, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(Queues, MaxQueues);
        ArgumentOutOfRangeException.ThrowIfLessThan(QueueSize, 4);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(QueueSize, MaxQueueSize);
        if (!int.IsPow2(QueueSize))
        {
            throw new ArgumentException($"A queue has a power of two of entries, not {QueueSize}.", nameof(QueueSize));
        }

        ArgumentNullException.ThrowIfNull(Serial);
        if (Serial.Length > SerialLength || Serial.Any(c => c is < ' ' or > '~'))
        {
            throw new ArgumentException($"A serial number has at most {SerialLength} printable ASCII characters.", nameof(Serial));
        }
    }
}
