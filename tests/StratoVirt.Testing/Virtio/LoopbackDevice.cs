using StratoVirt.Backends.Io;
using StratoVirt.Devices.Virtio;
using StratoVirt.Devices.Virtio.Queue;

namespace StratoVirt.Testing.Virtio;

/// <summary>
/// A virtio device to test everything below devices with. Queue 0 copies what it reads to what it may write, at once.
/// Queue 1 holds requests until <see cref="CompleteHeld"/>. Configuration space is plain memory.
/// </summary>
public sealed class LoopbackDevice : VirtioDevice
{
    /// <summary>The queue answered at once.</summary>
    public const int EchoQueue = 0;

    /// <summary>The queue whose requests are held.</summary>
    public const int HoldQueue = 1;

    /// <summary>Bytes of configuration space.</summary>
    public const int ConfigurationBytes = 24;

    /// <summary>A feature of its own.</summary>
    public const ulong OwnFeature = 1 << 3;

    private const int CopyBytes = 512;

    private readonly byte[] _configuration = new byte[ConfigurationBytes];
    private readonly byte[] _copy = new byte[CopyBytes];
    private readonly List<DescriptorChain> _held = [];
    private readonly Func<DescriptorChain, bool> _echo;
    private readonly Func<DescriptorChain, bool> _hold;

    /// <summary>Makes an idle device.</summary>
    /// <param name="thread">Its thread.</param>
    /// <param name="queueSize">Most entries of either queue.</param>
    public LoopbackDevice(IoThread thread, ushort queueSize = 64)
        : base(VirtioDeviceType.Entropy, [queueSize, queueSize], thread)
    {
        _echo = Echo;
        _hold = Hold;
    }

    /// <inheritdoc/>
    public override ulong Features => OwnFeature;

    /// <inheritdoc/>
    public override int ConfigurationLength => ConfigurationBytes;

    /// <summary>Requests served in one round.</summary>
    public int RoundLength { get; set; } = RequestsPerRound;

    /// <summary>Requests that queue 1 may hold; more wait in the queue.</summary>
    public int HoldAtMost { get; set; } = int.MaxValue;

    /// <summary>Requests held.</summary>
    public int Held => _held.Count;

    /// <summary>Requests answered.</summary>
    public long Echoed { get; private set; }

    /// <summary>Called before a request is answered; for what a driver does at the same time.</summary>
    public Action? OnEcho { get; init; }

    /// <summary>Times it was told that a queue may have requests.</summary>
    public int Rounds { get; private set; }

    /// <summary>Calls of <see cref="VirtioDevice.OnReset"/>.</summary>
    public int Resets { get; private set; }

    /// <inheritdoc/>
    public override void ReadConfiguration(int offset, Span<byte> data) =>
        _configuration.AsSpan(offset, data.Length).CopyTo(data);

    /// <inheritdoc/>
    public override void WriteConfiguration(int offset, ReadOnlySpan<byte> data) =>
        data.CopyTo(_configuration.AsSpan(offset));

    /// <summary>Completes one of the requests held and publishes it; does nothing when there is none.</summary>
    /// <param name="which">Any number.</param>
    public void CompleteHeld(int which)
    {
        if (_held.Count == 0)
        {
            return;
        }

        int index = (int)((uint)which % (uint)_held.Count);
        DescriptorChain chain = _held[index];
        _held.RemoveAt(index);
        _ = Echo(chain);
        Publish(chain.Queue);
    }

    /// <summary>Tells its driver that configuration space has changed.</summary>
    public void ChangeConfiguration() => Active?.Interrupts.ConfigurationChanged();

    /// <inheritdoc/>
    protected override void OnNotified(Virtqueue queue)
    {
        ArgumentNullException.ThrowIfNull(queue);
        Rounds++;
        ServeRound(queue, queue.Index == EchoQueue ? _echo : _hold, RoundLength);
    }

    /// <inheritdoc/>
    protected override void OnReset()
    {
        Resets++;
        _held.Clear();
    }

    /// <inheritdoc/>
    protected override void OnQueueReset(Virtqueue queue) => _held.RemoveAll(chain => chain.Queue == queue);

    private bool Hold(DescriptorChain chain)
    {
        if (_held.Count >= HoldAtMost)
        {
            return false;
        }

        _held.Add(chain);
        return true;
    }

    private bool Echo(DescriptorChain chain)
    {
        OnEcho?.Invoke();
        uint done = 0;
        int read;
        while ((read = chain.Read(done, _copy)) > 0)
        {
            int written = chain.Write(done, _copy.AsSpan(0, read));
            done += (uint)written;
            if (written < read)
            {
                break;
            }
        }

        Echoed++;
        chain.Queue.Complete(chain, done);
        return true;
    }
}
