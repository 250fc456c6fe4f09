using Iced.Intel;
using static Iced.Intel.AssemblerRegisters;

namespace StratoVirt.Guests.Virtio;

/// <summary>
/// Keeps a split queue (virtio 1.3, 2.7) filled and times it. It polls the used ring and asks for no interrupt, so that
/// the device alone is measured; it notifies as a driver must, and not when the device says it need not.
/// </summary>
/// <remarks>
/// rbx: requests to be made; rbp: to be completed; r12: next entry of the used ring; r13: next of the available ring;
/// r14: bytes; r8: r13 at the last look at whether to notify; r15: registers.
/// </remarks>
internal sealed class QueueLoop(Assembler c, Workload workload)
{
    private const int RingHeader = 4;
    private const int UsedElement = 8;
    private const int NoInterrupt = 1;
    private const int NoNotify = 1;
    private const int Index = 2;

    private readonly ulong _descriptors = BenchLayout.Descriptors + ((ulong)workload.Queue * BenchLayout.QueueStride);
    private readonly ulong _available = BenchLayout.Available + ((ulong)workload.Queue * BenchLayout.QueueStride);
    private readonly ulong _used = BenchLayout.Used + ((ulong)workload.Queue * BenchLayout.QueueStride);

    /// <summary>Slots there is room for.</summary>
    public int Slots => workload.QueueSize >> workload.ChainShift;

    /// <summary>Emits the loop. Afterwards bytes are in r14 and the time in <see cref="BenchLayout.Ticks"/>.</summary>
    public void Emit()
    {
        EmitDescriptors();
        c.mov(rbx, __qword_ptr[BenchLayout.Count]);
        c.mov(rbp, rbx);
        c.xor(r8d, r8d);
        c.xor(r12d, r12d);
        c.xor(r13d, r13d);
        c.xor(r14d, r14d);
        c.mov(__word_ptr[_available], NoInterrupt);
        if (workload.Greets)
        {
            EmitGreeting();
        }

        EmitStartOfTime();
        EmitFill();
        if (workload.WaitsForFirst)
        {
            Label wait = c.CreateLabel();
            c.Label(ref wait);
            c.pause();
            c.cmp(__word_ptr[_used + Index], 0);
            c.je(wait);
            EmitStartOfTime();
        }

        EmitServe();
        c.rdtsc();
        c.shl(rdx, 32);
        c.or(rax, rdx);
        c.sub(rax, __qword_ptr[BenchLayout.Ticks]);
        c.mov(__qword_ptr[BenchLayout.Ticks], rax);
    }

    private void EmitGreeting()
    {
        Label wait = c.CreateLabel();
        c.xor(edi, edi);
        workload.EmitGreeting();
        EmitEntry();
        EmitPublish();
        c.Label(ref wait);
        c.pause();
        c.cmp(__word_ptr[_used + Index], 1);
        c.jne(wait);
        c.inc(r12d);
        workload.EmitGreeted();
    }

    private void EmitStartOfTime()
    {
        c.rdtsc();
        c.shl(rdx, 32);
        c.or(rax, rdx);
        c.mov(__qword_ptr[BenchLayout.Ticks], rax);
    }

    private void EmitDescriptors()
    {
        Label slot = c.CreateLabel();
        c.xor(edi, edi);
        c.Label(ref slot);
        c.mov(edx, edi);
        c.shl(edx, (byte)(workload.ChainShift + 4));
        workload.EmitDescriptors();
        c.inc(edi);
        c.cmp(edi, __dword_ptr[BenchLayout.Depth]);
        c.jb(slot);
    }

    private void EmitFill()
    {
        Label slot = c.CreateLabel();
        Label full = c.CreateLabel();
        c.xor(edi, edi);
        c.Label(ref slot);
        c.test(rbx, rbx);
        c.jz(full);
        c.cmp(edi, __dword_ptr[BenchLayout.Depth]);
        c.jae(full);
        EmitOffer();
        c.inc(edi);
        c.jmp(slot);
        c.Label(ref full);
        EmitPublish();
    }

    private void EmitServe()
    {
        Label poll = c.CreateLabel();
        Label wait = c.CreateLabel();
        Label take = c.CreateLabel();
        Label taken = c.CreateLabel();
        Label done = c.CreateLabel();
        c.jmp(poll);
        c.Label(ref wait);
        c.pause();
        c.Label(ref poll);
        c.cmp(__word_ptr[_used + Index], r12w);
        c.je(wait);
        c.Label(ref take);
        c.mov(eax, r12d);
        c.and(eax, workload.QueueSize - 1);
        c.mov(edi, __dword_ptr[(rax * UsedElement) + (int)(_used + RingHeader)]);
        c.mov(ecx, __dword_ptr[(rax * UsedElement) + (int)(_used + RingHeader + 4)]);
        c.and(edi, workload.QueueSize - 1);
        c.shr(edi, (byte)workload.ChainShift);
        c.inc(r12d);
        workload.EmitCheck();
        c.dec(rbp);
        c.jz(done);
        c.test(rbx, rbx);
        c.jz(taken);
        EmitOffer();
        c.Label(ref taken);
        c.cmp(__word_ptr[_used + Index], r12w);
        c.jne(take);
        EmitPublish();
        c.jmp(poll);
        c.Label(ref done);
        c.nop();
    }

    // Into the ring only: the device sees it when the index is published.
    private void EmitOffer()
    {
        workload.EmitPrepare();
        EmitEntry();
        c.dec(rbx);
    }

    private void EmitEntry()
    {
        c.mov(eax, r13d);
        c.and(eax, workload.QueueSize - 1);
        c.mov(ecx, edi);
        c.shl(ecx, (byte)workload.ChainShift);
        c.mov(__word_ptr[(rax * 2) + (int)(_available + RingHeader)], cx);
        c.inc(r13d);
    }

    private void EmitPublish()
    {
        ulong usedEvent = _available + RingHeader + (2 * (ulong)workload.QueueSize);
        ulong availableEvent = _used + RingHeader + (UsedElement * (ulong)workload.QueueSize);
        Label flags = c.CreateLabel();
        Label notify = c.CreateLabel();
        Label none = c.CreateLabel();
        c.cmp(r13w, r8w);
        c.je(none);

        // Half a turn away: whatever the device adds to the used ring, it does not pass it (2.7.7).
        c.mov(eax, r12d);
        c.xor(eax, 0x8000);
        c.mov(__word_ptr[usedEvent], ax);
        c.mov(__word_ptr[_available + Index], r13w);

        // The index must be seen before the device's wish is read (2.7.13.4); a locked instruction is a full barrier.
        c.@lock.or(__dword_ptr[rsp - 8], 0);
        c.cmp(__dword_ptr[BenchLayout.EventIndex], 0);
        c.je(flags);

        // new - event - 1 < new - old, modulo 65536 (2.7.10.1).
        c.movzx(eax, __word_ptr[availableEvent]);
        c.mov(ecx, r13d);
        c.sub(ecx, eax);
        c.dec(ecx);
        c.mov(eax, r13d);
        c.sub(eax, r8d);
        c.mov(r8d, r13d);
        c.cmp(cx, ax);
        c.jae(none);
        c.jmp(notify);
        c.Label(ref flags);
        c.mov(r8d, r13d);
        c.test(__byte_ptr[_used], NoNotify);
        c.jnz(none);
        c.Label(ref notify);
        c.mov(__dword_ptr[r15 + MmioTransport.QueueNotify], (uint)workload.Queue);
        c.Label(ref none);
        c.nop();
    }
}
