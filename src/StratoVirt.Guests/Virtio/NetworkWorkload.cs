using Iced.Intel;
using static Iced.Intel.AssemblerRegisters;

namespace StratoVirt.Guests.Virtio;

/// <summary>
/// Sends or receives Ethernet frames of a type of its own, one descriptor each. Received frames of another type are not
/// counted. Virtio 1.3, 5.1.
/// </summary>
internal sealed class NetworkWorkload(Assembler c, bool send) : Workload
{
    // Ethertype for local experiments (IEEE 802), as the two bytes lie in memory.
    private const ushort EtherType = 0xB588;
    private const int NetHeader = 12;
    private const int EtherTypeOffset = NetHeader + 12;
    private const int EthernetHeader = 14;
    private const int BufferShift = 11;

    /// <inheritdoc/>
    public override string Name => send ? "net-send" : "net-receive";

    /// <inheritdoc/>
    public override uint DeviceId => 1;

    /// <inheritdoc/>
    public override int Queues => 2;

    /// <inheritdoc/>
    public override int Queue => send ? 1 : 0;

    /// <inheritdoc/>
    public override bool WaitsForFirst => !send;

    /// <inheritdoc/>
    public override void EmitDescriptors()
    {
        EmitBuffer();
        if (!send)
        {
            Descriptor.Emit(c, Queue, 0, Descriptor.Write, hasNext: false, 1 << BufferShift);
            return;
        }

        // Header: no offload. To and from addresses of local administration that nobody has.
        const uint LocalAddress = 0x0000_0002;
        c.mov(__dword_ptr[rax + NetHeader], LocalAddress);
        c.mov(__word_ptr[rax + (NetHeader + 4)], 0x0200);
        c.mov(__dword_ptr[rax + (NetHeader + 6)], LocalAddress);
        c.mov(__word_ptr[rax + (NetHeader + 10)], 0x0100);
        c.mov(__word_ptr[rax + EtherTypeOffset], EtherType);
        c.mov(ecx, __dword_ptr[BenchLayout.Size]);
        c.add(ecx, NetHeader);
        Descriptor.Emit(c, Queue, 0, 0, hasNext: false);
    }

    /// <inheritdoc/>
    public override void EmitPrepare()
    {
        if (send)
        {
            EmitBuffer();
            c.mov(__qword_ptr[rax + (NetHeader + EthernetHeader)], rbx);
        }
    }

    /// <inheritdoc/>
    public override void EmitCheck()
    {
        if (send)
        {
            c.add(r14, __qword_ptr[BenchLayout.Size]);
            return;
        }

        Label foreign = c.CreateLabel();
        Label bad = c.CreateLabel();
        Label done = c.CreateLabel();
        EmitBuffer();
        c.sub(ecx, NetHeader);
        c.cmp(ecx, EthernetHeader);
        c.jl(bad);
        c.cmp(__word_ptr[rax + EtherTypeOffset], EtherType);
        c.jne(foreign);
        c.add(r14, rcx);
        c.cmp(rcx, __qword_ptr[BenchLayout.Size]);
        c.je(done);
        c.Label(ref bad);
        c.inc(__dword_ptr[BenchLayout.Errors]);
        c.jmp(done);
        c.Label(ref foreign);
        c.inc(rbx);
        c.inc(rbp);
        c.Label(ref done);
        c.nop();
    }

    // rax: the slot's buffer.
    private void EmitBuffer()
    {
        c.mov(eax, edi);
        c.shl(eax, BufferShift);
        c.add(rax, (int)BenchLayout.Buffers);
    }
}
