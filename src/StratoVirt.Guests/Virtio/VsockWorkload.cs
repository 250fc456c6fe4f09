using Iced.Intel;
using static Iced.Intel.AssemblerRegisters;

namespace StratoVirt.Guests.Virtio;

/// <summary>
/// Connects to <see cref="Port"/> of the host and sends packets, never more than the host says it has room for. Any answer
/// but that is an error. Depth times size stays below half of the room, so that what waits to be published cannot be what
/// the host waits for. Virtio 1.3, 5.10.
/// </summary>
internal sealed class VsockWorkload(Assembler c) : Workload
{
    /// <summary>Port of the host.</summary>
    public const uint Port = 5201;

    private const int ReceiveQueueSize = 128;
    private const int RingHeader = 4;
    private const int Index = 2;
    private const int UsedElement = 8;
    private const int NoInterrupt = 1;
    private const int NoNotify = 1;

    private const ulong ReceiveDescriptors = BenchLayout.Descriptors;
    private const ulong ReceiveAvailable = BenchLayout.Available;
    private const ulong ReceiveUsed = BenchLayout.Used;

    // struct virtio_vsock_hdr, and the values used of it.
    private const int HeaderSize = 44;
    private const int SourceCid = 0;
    private const int DestinationCid = 8;
    private const int SourcePort = 16;
    private const int DestinationPort = 20;
    private const int Length = 24;
    private const int TypeAndOperation = 28;
    private const int Operation = 30;
    private const int BufferAllocation = 36;
    private const int ForwardCount = 40;
    private const uint HostCid = 2;
    private const uint OwnPort = 1024;
    private const uint Stream = 1;
    private const ushort Request = 1;
    private const ushort Response = 2;
    private const ushort ReadWrite = 5;
    private const ushort CreditUpdate = 6;

    /// <inheritdoc/>
    public override string Name => "vsock-send";

    /// <inheritdoc/>
    public override uint DeviceId => 19;

    /// <inheritdoc/>
    public override int Queues => 3;

    /// <inheritdoc/>
    public override int Queue => 1;

    /// <summary>Header and payload.</summary>
    public override int ChainShift => 1;

    /// <inheritdoc/>
    public override bool Greets => true;

    /// <inheritdoc/>
    public override void EmitConfiguration()
    {
        c.mov(eax, __dword_ptr[r15 + MmioTransport.Configuration]);
        c.mov(__qword_ptr[BenchLayout.GuestCid], rax);
    }

    /// <inheritdoc/>
    public override void EmitDescriptors()
    {
        EmitPacket();
        c.mov(rax, __qword_ptr[BenchLayout.GuestCid]);
        c.mov(__qword_ptr[rcx + SourceCid], rax);
        c.mov(__qword_ptr[rcx + DestinationCid], (int)HostCid);
        c.mov(__dword_ptr[rcx + SourcePort], OwnPort);
        c.mov(__dword_ptr[rcx + DestinationPort], Port);
        c.mov(eax, __dword_ptr[BenchLayout.Size]);
        c.mov(__dword_ptr[rcx + Length], eax);
        c.mov(__dword_ptr[rcx + TypeAndOperation], Stream | ((uint)ReadWrite << 16));
        c.mov(__dword_ptr[rcx + BufferAllocation], BenchLayout.PacketStride);
        c.mov(rax, rcx);
        Descriptor.Emit(c, Queue, 0, 0, hasNext: true, HeaderSize);
        c.mov(eax, edi);
        c.imul(rax, __qword_ptr[BenchLayout.Size]);
        c.add(rax, (int)BenchLayout.Buffers);
        c.mov(ecx, __dword_ptr[BenchLayout.Size]);
        Descriptor.Emit(c, Queue, 1, 0, hasNext: false);
    }

    /// <inheritdoc/>
    public override void EmitGreeting()
    {
        Label buffer = c.CreateLabel();
        c.xor(ecx, ecx);
        c.Label(ref buffer);
        c.mov(eax, ecx);
        c.imul(eax, eax, BenchLayout.PacketStride);
        c.add(eax, (int)BenchLayout.ReceivedPackets);
        c.mov(edx, ecx);
        c.shl(edx, 4);
        c.mov(__qword_ptr[rdx + (int)ReceiveDescriptors], rax);
        c.mov(__dword_ptr[rdx + (int)(ReceiveDescriptors + 8)], BenchLayout.PacketStride);
        c.mov(__dword_ptr[rdx + (int)(ReceiveDescriptors + 12)], Descriptor.Write);
        c.mov(__word_ptr[(rcx * 2) + (int)(ReceiveAvailable + RingHeader)], cx);
        c.inc(ecx);
        c.cmp(ecx, ReceiveQueueSize);
        c.jb(buffer);
        c.mov(__word_ptr[ReceiveAvailable], NoInterrupt);
        c.mov(__word_ptr[BenchLayout.ReceiveAvailable], cx);
        EmitGiveBack();

        c.mov(__dword_ptr[BenchLayout.Packets + Length], 0);
        c.mov(__word_ptr[BenchLayout.Packets + Operation], Request);
    }

    /// <inheritdoc/>
    public override void EmitGreeted()
    {
        c.mov(eax, __dword_ptr[BenchLayout.Size]);
        c.mov(__dword_ptr[BenchLayout.Packets + Length], eax);
        c.mov(__word_ptr[BenchLayout.Packets + Operation], ReadWrite);
    }

    /// <summary>Waits until there is room for the packet.</summary>
    public override void EmitPrepare()
    {
        Label look = c.CreateLabel();
        Label room = c.CreateLabel();
        c.Label(ref look);
        c.mov(eax, __dword_ptr[BenchLayout.Sent]);
        c.mov(ecx, eax);
        c.sub(eax, __dword_ptr[BenchLayout.Forwarded]);
        c.add(eax, __dword_ptr[BenchLayout.Size]);
        c.cmp(eax, __dword_ptr[BenchLayout.Allocation]);
        c.jbe(room);
        EmitReceive();
        c.pause();
        c.jmp(look);
        c.Label(ref room);
        c.add(ecx, __dword_ptr[BenchLayout.Size]);
        c.mov(__dword_ptr[BenchLayout.Sent], ecx);
    }

    /// <inheritdoc/>
    public override void EmitCheck() => c.add(r14, __qword_ptr[BenchLayout.Size]);

    private void EmitReceive()
    {
        Label take = c.CreateLabel();
        Label credit = c.CreateLabel();
        Label taken = c.CreateLabel();
        Label none = c.CreateLabel();
        c.Label(ref take);
        c.movzx(eax, __word_ptr[BenchLayout.ReceiveUsed]);
        c.cmp(ax, __word_ptr[ReceiveUsed + Index]);
        c.je(none);
        c.and(eax, ReceiveQueueSize - 1);
        c.mov(ecx, __dword_ptr[(rax * UsedElement) + (int)(ReceiveUsed + RingHeader)]);
        c.and(ecx, ReceiveQueueSize - 1);
        c.mov(edx, ecx);
        c.imul(edx, edx, BenchLayout.PacketStride);
        c.movzx(eax, __word_ptr[rdx + (int)(BenchLayout.ReceivedPackets + Operation)]);
        c.cmp(eax, Response);
        c.je(credit);
        c.cmp(eax, CreditUpdate);
        c.je(credit);

        // The host takes no more: let go, and have it counted.
        c.inc(__dword_ptr[BenchLayout.Errors]);
        c.mov(__dword_ptr[BenchLayout.Allocation], -1);
        c.jmp(taken);
        c.Label(ref credit);
        c.mov(eax, __dword_ptr[rdx + (int)(BenchLayout.ReceivedPackets + BufferAllocation)]);
        c.mov(__dword_ptr[BenchLayout.Allocation], eax);
        c.mov(eax, __dword_ptr[rdx + (int)(BenchLayout.ReceivedPackets + ForwardCount)]);
        c.mov(__dword_ptr[BenchLayout.Forwarded], eax);
        c.Label(ref taken);
        c.movzx(eax, __word_ptr[BenchLayout.ReceiveAvailable]);
        c.and(eax, ReceiveQueueSize - 1);
        c.mov(__word_ptr[(rax * 2) + (int)(ReceiveAvailable + RingHeader)], cx);
        c.inc(__word_ptr[BenchLayout.ReceiveAvailable]);
        c.inc(__word_ptr[BenchLayout.ReceiveUsed]);
        c.jmp(take);
        c.Label(ref none);
        EmitGiveBack();
    }

    // Publishes the receive buffers that are free again, and notifies as QueueLoop does.
    private void EmitGiveBack()
    {
        const ulong UsedEvent = ReceiveAvailable + RingHeader + (2 * ReceiveQueueSize);
        const ulong AvailableEvent = ReceiveUsed + RingHeader + (UsedElement * ReceiveQueueSize);
        Label flags = c.CreateLabel();
        Label notify = c.CreateLabel();
        Label none = c.CreateLabel();
        c.movzx(eax, __word_ptr[BenchLayout.ReceiveAvailable]);
        c.movzx(edx, __word_ptr[ReceiveAvailable + Index]);
        c.cmp(eax, edx);
        c.je(none);
        c.movzx(ecx, __word_ptr[BenchLayout.ReceiveUsed]);
        c.xor(ecx, 0x8000);
        c.mov(__word_ptr[UsedEvent], cx);
        c.mov(__word_ptr[ReceiveAvailable + Index], ax);
        c.@lock.or(__dword_ptr[rsp - 8], 0);
        c.cmp(__dword_ptr[BenchLayout.EventIndex], 0);
        c.je(flags);
        c.movzx(ecx, __word_ptr[AvailableEvent]);
        c.sub(edx, eax);
        c.neg(edx);
        c.sub(eax, ecx);
        c.dec(eax);
        c.cmp(ax, dx);
        c.jae(none);
        c.jmp(notify);
        c.Label(ref flags);
        c.test(__byte_ptr[ReceiveUsed], NoNotify);
        c.jnz(none);
        c.Label(ref notify);
        c.mov(__dword_ptr[r15 + MmioTransport.QueueNotify], 0);
        c.Label(ref none);
        c.nop();
    }

    // rcx: the slot's packet.
    private void EmitPacket()
    {
        c.mov(ecx, edi);
        c.imul(ecx, ecx, BenchLayout.PacketStride);
        c.add(ecx, (int)BenchLayout.Packets);
    }
}
