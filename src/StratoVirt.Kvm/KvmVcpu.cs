using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using StratoVirt.Kvm.Abi;
using StratoVirt.Linux;
using StratoVirt.Linux.Handles;
using StratoVirt.Linux.Threads;
using static StratoVirt.Kvm.Abi.KvmIoctl;

namespace StratoVirt.Kvm;

/// <summary>
/// A virtual processor of KVM. All but <see cref="Kick"/> and <see cref="ImmediateExit"/> belongs to one thread at a
/// time: the one that runs it. Anything else waits in the kernel until the vCPU leaves <see cref="Run"/>.
/// </summary>
public sealed partial class KvmVcpu : IDisposable
{
    private readonly FileDescriptor _fd;
    private readonly MemoryMapping _run;
    private readonly Lock _gate = new();
    private readonly int _xsaveLength;
    private int _boundThread;

    internal KvmVcpu(uint id, FileDescriptor fd, int mapSize, int xsaveLength)
    {
        Id = id;
        _fd = fd;
        _run = MemoryMapping.CreateShared(fd, (nuint)mapSize);
        _xsaveLength = xsaveLength;
    }

    /// <summary>Its number, on x86_64 its APIC id.</summary>
    public uint Id { get; }

    /// <summary>Whether the next <see cref="Run"/> ends before it enters the guest, once the exit before it has been
    /// completed. May be set from any thread; <see cref="Run"/> clears it when it ends for that reason.</summary>
    /// <remarks>Set by the thread itself before <see cref="Run"/>, it completes a port or memory access whose data has
    /// just been supplied, so that the registers can be read or saved.</remarks>
    public unsafe bool ImmediateExit
    {
        // SAFETY: one byte inside the mapping; Shared refuses after Dispose.
        get => Volatile.Read(ref Shared->immediate_exit) != 0;
        set => Volatile.Write(ref Shared->immediate_exit, value ? (byte)1 : (byte)0);
    }

    // SAFETY: the mapping is page aligned and, as KVM_GET_VCPU_MMAP_SIZE said, larger than kvm_run.
    private unsafe kvm_run* Shared
    {
        get
        {
            ObjectDisposedException.ThrowIf(_run.IsClosed, this);
            return (kvm_run*)_run.Address;
        }
    }

    /// <summary>Runs guest code until something needs this process. Allocates nothing and throws nothing.</summary>
    /// <returns>What it needs; valid until the next call. The answer to a read goes into the exit's data and reaches
    /// the guest with the next call.</returns>
    public VcpuExit Run()
    {
        Errno errno = Ioctl.Run(_fd);
        if (errno == Errno.Interrupted)
        {
            // The order matters. Who kicks publishes his wish first, then sets the flag, then sends the signal: whatever
            // of this comes after the flag is cleared here is seen by the caller's look at the wishes, or by the
            // next Run.
            ImmediateExit = false;
            Interlocked.MemoryBarrier();
            ThreadKick.TryConsume();
        }

        return new VcpuExit(_run, errno);
    }

    /// <summary>Makes the calling thread the one that <see cref="Kick"/> gets out of <see cref="Run"/>. The thread must
    /// call <see cref="Unbind"/> before it ends.</summary>
    /// <exception cref="LinuxException">KVM or the C library refused the signal mask.</exception>
    /// <exception cref="InvalidOperationException">Another thread runs this vCPU.</exception>
    public void BindToCurrentThread()
    {
        lock (_gate)
        {
            if (_boundThread != 0)
            {
                throw new InvalidOperationException($"vCPU {Id} is run by thread {_boundThread} already.");
            }

            SetSignalMask(ThreadKick.PrepareCurrentThread());
            _boundThread = NativeThread.CurrentId;
        }
    }

    /// <summary>Whether a thread is bound.</summary>
    public bool IsBound
    {
        get
        {
            lock (_gate)
            {
                return _boundThread != 0;
            }
        }
    }

    /// <summary>Ends the calling thread's part. When this returns no kick is sent to the thread any more.</summary>
    public void Unbind()
    {
        lock (_gate)
        {
            _boundThread = 0;
        }

        ThreadKick.TryConsume();
    }

    /// <summary>
    /// Gets the vCPU out of the guest, from any thread: the <see cref="Run"/> it is in, or else the next one, ends with
    /// <see cref="VcpuExitKind.Interrupted"/>. Publish what the vCPU thread shall do before calling this; one kick may
    /// end more than one <see cref="Run"/>, and several kicks one. After <see cref="Dispose"/> it does nothing.
    /// </summary>
    public void Kick()
    {
        lock (_gate)
        {
            if (_run.IsClosed)
            {
                return;
            }

            ImmediateExit = true;
            if (_boundThread == 0)
            {
                return;
            }

            Errno errno = ThreadKick.Send(_boundThread);
            if (errno != Errno.None)
            {
                throw new LinuxException("tgkill", errno, $"the thread of vCPU {Id}");
            }
        }
    }

    /// <summary>Sets the signal mask that holds while the vCPU is in the guest.</summary>
    /// <param name="mask">Blocked signals; bit <c>n - 1</c> stands for signal <c>n</c>.</param>
    public void SetSignalMask(ulong mask)
    {
        // kvm_signal_mask is a 32-bit length and the set at once behind it, without alignment.
        Span<byte> argument = stackalloc byte[Unsafe.SizeOf<kvm_signal_mask>() + sizeof(ulong)];
        MemoryMarshal.Write(argument, new kvm_signal_mask { len = sizeof(ulong) });
        MemoryMarshal.Write(argument[Unsafe.SizeOf<kvm_signal_mask>()..], mask);
        Errno errno = Ioctl.TryInvoke(_fd, KVM_SET_SIGNAL_MASK, ref argument[0], out _);
        if (errno != Errno.None)
        {
            throw new LinuxException(nameof(KVM_SET_SIGNAL_MASK), errno);
        }
    }

    /// <summary>Ends the vCPU; exits it has returned must not be looked at any more.</summary>
    /// <exception cref="InvalidOperationException">A thread is bound, and may be in <see cref="Run"/>.</exception>
    public void Dispose()
    {
        lock (_gate)
        {
            if (_boundThread != 0)
            {
                throw new InvalidOperationException(
                    $"vCPU {Id} is still run by thread {_boundThread}: kick it, and dispose after it has unbound.");
            }

            _run.Dispose();
        }

        _fd.Dispose();
    }
}
