namespace StratoVirt.Guests.Virtio;

/// <summary>
/// A request repeated over and over: the parts of <see cref="QueueLoop"/> that differ. The parts find the slot in edi,
/// may change rax, rcx, rdx and rsi, and keep all else but what they are told.
/// </summary>
internal abstract class Workload
{
    /// <summary>The word of the command line that chooses it.</summary>
    public abstract string Name { get; }

    /// <summary>Device ID (virtio 1.3, 5).</summary>
    public abstract uint DeviceId { get; }

    /// <summary>Features among the first 32 taken when they are offered, EVENT_IDX aside.</summary>
    public virtual uint Features => 0;

    /// <summary>Queues to enable, from 0 on.</summary>
    public virtual int Queues => 1;

    /// <summary>The queue that is used.</summary>
    public virtual int Queue => 0;

    /// <summary>Descriptors in each queue, a power of two: what every device of this kind has room for.</summary>
    public virtual int QueueSize => 128;

    /// <summary>Each slot has 1 &lt;&lt; this many descriptors.</summary>
    public virtual int ChainShift => 0;

    /// <summary>Whether the time begins with the first request completed and not with the first one made.</summary>
    public virtual bool WaitsForFirst => false;

    /// <summary>Whether a first request, made of slot 0, opens the way for the others; it is not counted.</summary>
    public virtual bool Greets => false;

    /// <summary>Emits what comes between features and queues; r15 = registers.</summary>
    public virtual void EmitConfiguration()
    {
    }

    /// <summary>Emits the slot's descriptors; rdx = offset of the first in the descriptor area.</summary>
    public abstract void EmitDescriptors();

    /// <summary>Emits the making of the first request.</summary>
    public virtual void EmitGreeting()
    {
    }

    /// <summary>Emits what is done when the first request has been used.</summary>
    public virtual void EmitGreeted()
    {
    }

    /// <summary>Emits what is done before the slot is made available.</summary>
    public abstract void EmitPrepare();

    /// <summary>Emits the look at a completed request: ecx = bytes written by the device. Adds what was moved to r14 and
    /// counts what is wrong. To have a buffer used again without counting it, adds 1 to rbx and rbp.</summary>
    public abstract void EmitCheck();
}
