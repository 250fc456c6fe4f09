using Iced.Intel;
using static Iced.Intel.AssemblerRegisters;

namespace StratoVirt.Guests.Virtio;

/// <summary>Writes to the first port of a console. Virtio 1.3, 5.3.</summary>
internal sealed class ConsoleWorkload(Assembler c) : Workload
{
    /// <inheritdoc/>
    public override string Name => "console-send";

    /// <inheritdoc/>
    public override uint DeviceId => 3;

    /// <inheritdoc/>
    public override int Queues => 2;

    /// <inheritdoc/>
    public override int Queue => 1;

    /// <inheritdoc/>
    public override void EmitDescriptors()
    {
        c.mov(eax, edi);
        c.imul(rax, __qword_ptr[BenchLayout.Size]);
        c.add(rax, (int)BenchLayout.Buffers);
        c.mov(ecx, __dword_ptr[BenchLayout.Size]);
        Descriptor.Emit(c, Queue, 0, 0, hasNext: false);
    }

    /// <inheritdoc/>
    public override void EmitPrepare()
    {
    }

    /// <inheritdoc/>
    public override void EmitCheck() => c.add(r14, __qword_ptr[BenchLayout.Size]);
}
