using Iced.Intel;
using static Iced.Intel.AssemblerRegisters;

namespace StratoVirt.Guests.Virtio;

/// <summary>Reads random numbers; a buffer that stays zero is an error. Virtio 1.3, 5.4.</summary>
internal sealed class EntropyWorkload(Assembler c) : Workload
{
    /// <inheritdoc/>
    public override string Name => "rng-read";

    /// <inheritdoc/>
    public override uint DeviceId => 4;

    /// <inheritdoc/>
    public override int QueueSize => 64;

    /// <inheritdoc/>
    public override void EmitDescriptors()
    {
        EmitBuffer();
        c.mov(ecx, __dword_ptr[BenchLayout.Size]);
        Descriptor.Emit(c, Queue, 0, Descriptor.Write, hasNext: false);
    }

    /// <inheritdoc/>
    public override void EmitPrepare()
    {
        EmitBuffer();
        c.mov(__qword_ptr[rax], 0);
    }

    /// <inheritdoc/>
    public override void EmitCheck()
    {
        Label bad = c.CreateLabel();
        Label done = c.CreateLabel();
        EmitBuffer();
        c.add(r14, rcx);
        c.cmp(rcx, __qword_ptr[BenchLayout.Size]);
        c.ja(bad);
        c.cmp(__qword_ptr[rax], 0);
        c.jne(done);
        c.Label(ref bad);
        c.inc(__dword_ptr[BenchLayout.Errors]);
        c.Label(ref done);
        c.nop();
    }

    // rax: the slot's buffer.
    private void EmitBuffer()
    {
        c.mov(eax, edi);
        c.imul(rax, __qword_ptr[BenchLayout.Size]);
        c.add(rax, (int)BenchLayout.Buffers);
    }
}
