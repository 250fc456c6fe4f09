using Iced.Intel;
using static Iced.Intel.AssemblerRegisters;

namespace StratoVirt.Guests.Virtio;

/// <summary>
/// Reads or writes a disk each of whose sectors begins with its own number, 64 bits. Reads check the first and the last
/// sector of what they bring, writes stamp all. Virtio 1.3, 5.2.
/// </summary>
internal sealed class BlockWorkload(Assembler c, bool write) : Workload
{
    private const uint Flush = 1 << 9;
    private const uint In = 0;
    private const uint Out = 1;
    private const int HeaderSize = 16;
    private const int SectorShift = 9;
    private const int SectorSize = 1 << SectorShift;
    private const byte NoStatus = 0xFF;

    /// <inheritdoc/>
    public override string Name => write ? "blk-write" : "blk-read";

    /// <inheritdoc/>
    public override uint DeviceId => 2;

    /// <summary>With FLUSH, so that a write need not be durable before it is done.</summary>
    public override uint Features => Flush;

    /// <summary>Header, data, status; four, for the sake of a shift.</summary>
    public override int ChainShift => 2;

    /// <inheritdoc/>
    public override void EmitConfiguration()
    {
        c.mov(eax, __dword_ptr[r15 + MmioTransport.Configuration]);
        c.mov(edx, __dword_ptr[r15 + (MmioTransport.Configuration + 4)]);
        c.shl(rdx, 32);
        c.or(rax, rdx);
        c.shl(rax, SectorShift);
        c.xor(edx, edx);
        c.div(__qword_ptr[BenchLayout.Size]);
        c.mov(__qword_ptr[BenchLayout.DiskBlocks], rax);
    }

    /// <inheritdoc/>
    public override void EmitDescriptors()
    {
        c.mov(eax, edi);
        c.shl(eax, 4);
        c.add(eax, (uint)BenchLayout.Headers);
        c.mov(__dword_ptr[rax], write ? Out : In);
        Descriptor.Emit(c, Queue, 0, 0, hasNext: true, HeaderSize);
        EmitBuffer();
        c.mov(rax, rcx);
        c.mov(ecx, __dword_ptr[BenchLayout.Size]);
        Descriptor.Emit(c, Queue, 1, write ? 0 : Descriptor.Write, hasNext: true);
        c.lea(eax, __[rdi + (int)BenchLayout.Statuses]);
        Descriptor.Emit(c, Queue, 2, Descriptor.Write, hasNext: false, 1);
    }

    /// <inheritdoc/>
    public override void EmitPrepare()
    {
        EmitNextBlock();
        c.imul(rax, __qword_ptr[BenchLayout.Size]);
        c.shr(rax, SectorShift);
        c.mov(edx, edi);
        c.shl(edx, 4);
        c.mov(__qword_ptr[rdx + (int)(BenchLayout.Headers + 8)], rax);
        c.mov(__byte_ptr[rdi + (int)BenchLayout.Statuses], NoStatus);
        EmitBuffer();
        if (write)
        {
            EmitStamps();
        }
        else
        {
            // Nothing that an earlier request has brought may pass for this one's.
            c.mov(__qword_ptr[rcx], -1);
            EmitLastSector();
            c.mov(__qword_ptr[rcx], -1);
        }
    }

    /// <inheritdoc/>
    public override void EmitCheck()
    {
        Label bad = c.CreateLabel();
        Label done = c.CreateLabel();
        c.cmp(__byte_ptr[rdi + (int)BenchLayout.Statuses], 0);
        c.jne(bad);
        if (!write)
        {
            c.mov(edx, edi);
            c.shl(edx, 4);
            c.mov(rax, __qword_ptr[rdx + (int)(BenchLayout.Headers + 8)]);
            EmitBuffer();
            c.cmp(__qword_ptr[rcx], rax);
            c.jne(bad);
            EmitLastSector();
            c.cmp(__qword_ptr[rcx], rax);
            c.jne(bad);
        }

        c.add(r14, __qword_ptr[BenchLayout.Size]);
        c.jmp(done);
        c.Label(ref bad);
        c.inc(__dword_ptr[BenchLayout.Errors]);
        c.Label(ref done);
        c.nop();
    }

    // rcx, rax: buffer and number of the first sector.
    private void EmitStamps()
    {
        Label sector = c.CreateLabel();
        c.mov(rdx, __qword_ptr[BenchLayout.Size]);
        c.shr(edx, SectorShift);
        c.Label(ref sector);
        c.mov(__qword_ptr[rcx], rax);
        c.inc(rax);
        c.add(rcx, SectorSize);
        c.dec(edx);
        c.jnz(sector);
    }

    // rcx: the slot's buffer.
    private void EmitBuffer()
    {
        c.mov(ecx, edi);
        c.imul(rcx, __qword_ptr[BenchLayout.Size]);
        c.add(rcx, (int)BenchLayout.Buffers);
    }

    // rcx and rax, buffer and number of the first sector, become those of the last.
    private void EmitLastSector()
    {
        c.mov(rdx, __qword_ptr[BenchLayout.Size]);
        c.lea(rcx, __[rcx + rdx - SectorSize]);
        c.shr(rdx, SectorShift);
        c.lea(rax, __[rax + rdx - 1]);
    }

    // rax: the next request's place on the disk, in units of its size.
    private void EmitNextBlock()
    {
        Label inOrder = c.CreateLabel();
        Label done = c.CreateLabel();
        c.mov(rax, __qword_ptr[BenchLayout.Random]);
        c.test(rax, rax);
        c.jz(inOrder);

        // Marsaglia's xorshift64; its upper half scaled to the blocks there are.
        c.mov(rdx, rax);
        c.shl(rdx, 13);
        c.xor(rax, rdx);
        c.mov(rdx, rax);
        c.shr(rdx, 7);
        c.xor(rax, rdx);
        c.mov(rdx, rax);
        c.shl(rdx, 17);
        c.xor(rax, rdx);
        c.mov(__qword_ptr[BenchLayout.Random], rax);
        c.shr(rax, 32);
        c.imul(rax, __qword_ptr[BenchLayout.DiskBlocks]);
        c.shr(rax, 32);
        c.jmp(done);

        c.Label(ref inOrder);
        Label inside = c.CreateLabel();
        c.mov(rax, __qword_ptr[BenchLayout.NextBlock]);
        c.cmp(rax, __qword_ptr[BenchLayout.DiskBlocks]);
        c.jb(inside);
        c.xor(eax, eax);
        c.Label(ref inside);
        c.lea(rdx, __[rax + 1]);
        c.mov(__qword_ptr[BenchLayout.NextBlock], rdx);
        c.Label(ref done);
        c.nop();
    }
}
