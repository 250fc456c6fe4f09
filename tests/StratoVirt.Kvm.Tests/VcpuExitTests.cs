using System.Runtime.InteropServices;
using StratoVirt.Kvm.Abi;
using StratoVirt.Linux;
using StratoVirt.Linux.Handles;

namespace StratoVirt.Kvm.Tests;

/// <summary>The view of the shared page, on a page that KVM never saw.</summary>
public sealed class VcpuExitTests : IDisposable
{
    private const int PageLength = 8192;
    private readonly MemoryMapping _page = MemoryMapping.CreateAnonymous(PageLength);

    public void Dispose() => _page.Dispose();

    [Theory]
    [InlineData(1, 1u, 4096ul, true)]
    [InlineData(4, 1024u, 4096ul, true)]
    [InlineData(4, 1025u, 4096ul, false)]
    [InlineData(1, 1u, 8192ul, false)]
    [InlineData(1, 0u, 8192ul, true)]
    [InlineData(1, 1u, ulong.MaxValue, false)]
    [InlineData(4, uint.MaxValue, 4096ul, false)]
    [InlineData(0, 1u, 4096ul, false)]
    [InlineData(3, 1u, 4096ul, false)]
    [InlineData(8, 1u, 4096ul, false)]
    public void PortDataStaysInsideTheVcpusRegion(byte size, uint count, ulong offset, bool isInside)
    {
        Put(new kvm_run
        {
            exit_reason = KvmExitReason.KVM_EXIT_IO,
            Io = new kvm_run.io { direction = 1, size = size, port = 0x80, count = count, data_offset = offset },
        });

        if (isInside)
        {
            Assert.Equal((int)(size * count), new VcpuExit(_page, Errno.None).Pio.Data.Length);
        }
        else
        {
            Assert.Throws<InvalidOperationException>(() => new VcpuExit(_page, Errno.None).Pio.Data.Length);
        }
    }

    [Theory]
    [InlineData(0u, false)]
    [InlineData(1u, true)]
    [InlineData(8u, true)]
    [InlineData(9u, false)]
    public void MemoryDataIsOneToEightBytes(uint length, bool isLegal)
    {
        Put(new kvm_run { exit_reason = KvmExitReason.KVM_EXIT_MMIO, Mmio = new kvm_run.mmio { len = length } });
        if (isLegal)
        {
            Assert.Equal((int)length, new VcpuExit(_page, Errno.None).Mmio.Data.Length);
        }
        else
        {
            Assert.Throws<InvalidOperationException>(() => new VcpuExit(_page, Errno.None).Mmio.Data.Length);
        }
    }

    [Fact]
    public void AnInternalErrorShowsTheInstruction()
    {
        var run = new kvm_run
        {
            exit_reason = KvmExitReason.KVM_EXIT_INTERNAL_ERROR,
            EmulationFailure = new kvm_run.emulation_failure { suberror = 1, ndata = 3, flags = 1, insn_size = 2 },
        };
        run.EmulationFailure.insn_bytes[0] = 0x0f;
        run.EmulationFailure.insn_bytes[1] = 0x0b;
        Put(run);

        InternalErrorExit error = new VcpuExit(_page, Errno.None).InternalError;
        Assert.Equal(InternalErrorCause.Emulation, error.Cause);
        Assert.Equal([0x0f, 0x0b], error.Instruction.ToArray());
        Assert.Equal(3, error.Data.Length);
    }

    [Fact]
    public void ImpossibleLengthsOfDetailsAreCut()
    {
        Put(new kvm_run
        {
            exit_reason = KvmExitReason.KVM_EXIT_INTERNAL_ERROR,
            EmulationFailure = new kvm_run.emulation_failure { suberror = 1, ndata = uint.MaxValue, flags = 1, insn_size = 255 },
        });
        InternalErrorExit error = new VcpuExit(_page, Errno.None).InternalError;
        Assert.Equal(16, error.Data.Length);
        Assert.Equal(15, error.Instruction.Length);
    }

    [Fact]
    public void AnAccessorOfAnotherKindIsRefused()
    {
        Put(new kvm_run { exit_reason = KvmExitReason.KVM_EXIT_HLT });
        Assert.Equal(VcpuExitKind.Halt, new VcpuExit(_page, Errno.None).Kind);
        Assert.Throws<InvalidOperationException>(() => new VcpuExit(_page, Errno.None).Pio.Port);
        Assert.Throws<InvalidOperationException>(() => new VcpuExit(_page, Errno.None).Mmio.Address);
        Assert.Throws<InvalidOperationException>(() => new VcpuExit(_page, Errno.None).SystemEvent.Type);
        Assert.Throws<InvalidOperationException>(() => new VcpuExit(_page, Errno.None).Msr.Index);
    }

    [Theory]
    [InlineData(Errno.Interrupted, VcpuExitKind.Interrupted)]
    [InlineData(Errno.Again, VcpuExitKind.Again)]
    [InlineData(Errno.Fault, VcpuExitKind.Error)]
    public void ErrorNumbersAreKinds(Errno errno, VcpuExitKind kind)
    {
        Put(new kvm_run { exit_reason = KvmExitReason.KVM_EXIT_IO });
        Assert.Equal(kind, new VcpuExit(_page, errno).Kind);
        Assert.Equal(errno, new VcpuExit(_page, errno).Errno);
    }

    [Fact]
    public void AReasonWithoutANameKeepsItsNumber()
    {
        Put(new kvm_run { exit_reason = 12345 });
        var exit = new VcpuExit(_page, Errno.None);
        Assert.Equal(VcpuExitKind.Unknown, exit.Kind);
        Assert.Equal(12345u, exit.Reason);
    }

    private void Put(kvm_run run)
    {
        byte[] bytes = new byte[MemoryMarshal.AsBytes(new ReadOnlySpan<kvm_run>(in run)).Length];
        MemoryMarshal.AsBytes(new ReadOnlySpan<kvm_run>(in run)).CopyTo(bytes);
        Marshal.Copy(bytes, 0, _page.Address, bytes.Length);
    }
}
