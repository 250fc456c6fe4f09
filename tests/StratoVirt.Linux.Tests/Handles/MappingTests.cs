using System.Runtime.InteropServices;
using StratoVirt.Linux.Handles;

namespace StratoVirt.Linux.Tests.Handles;

public sealed class MappingTests
{
    private const int Length = 1 << 20;

    [Fact]
    public void TwoMappingsOfOneMemFdAreTheSameMemory()
    {
        using MemFd memory = MemFd.Create("stratovirt-test", Length);
        using MemoryMapping first = MemoryMapping.CreateShared(memory, Length);
        using MemoryMapping second = MemoryMapping.CreateShared(memory, Length);
        Marshal.WriteInt32(first.Address, 4096, 0x1234_5678);
        Assert.Equal(0x1234_5678, Marshal.ReadInt32(second.Address, 4096));
    }

    [Fact]
    public void ASealedMemFdKeepsItsSize()
    {
        using MemFd memory = MemFd.Create("stratovirt-test", Length);
        Assert.Equal(Errno.NotPermitted, Assert.Throws<LinuxException>(() => memory.SetLength(0)).Errno);
        Assert.Equal(Errno.NotPermitted, Assert.Throws<LinuxException>(() => memory.SetLength(2 * Length)).Errno);
        using MemFd free = MemFd.Create("stratovirt-test", Length, sealSize: false);
        free.SetLength(0);
    }

    [Fact]
    public void AMappingIsGoneAfterDispose()
    {
        // Sizes nobody else has, so that the lines are ours.
        const int Odd = 4096 * 7919;
        MemoryMapping mapping = MemoryMapping.CreateAnonymous(Odd);
        string start = mapping.Address.ToString("x");
        Assert.Equal(Errno.None, mapping.Advise(0, Odd, MemoryAdvice.DontDump));
        Assert.Contains(File.ReadLines("/proc/self/maps"), line => line.StartsWith(start, StringComparison.Ordinal));
        mapping.Dispose();
        Assert.DoesNotContain(File.ReadLines("/proc/self/maps"), line => line.StartsWith(start, StringComparison.Ordinal));
    }

    [Fact]
    public void AnImpossibleMappingIsNamed()
    {
        LinuxException refused = Assert.Throws<LinuxException>(() => MemoryMapping.CreateAnonymous((nuint)1 << 60));
        Assert.Equal("mmap", refused.Operation);
        Assert.Equal(Errno.NoMemory, refused.Errno);
    }
}
