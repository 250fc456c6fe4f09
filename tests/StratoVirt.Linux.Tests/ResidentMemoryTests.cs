using StratoVirt.Linux.Handles;

namespace StratoVirt.Linux.Tests;

public sealed class ResidentMemoryTests
{
    private const int Length = 8 << 20;
    private const int Touched = 3 << 20;

    [Fact]
    public void OnlyWhatWasTouchedIsResident()
    {
        using MemoryMapping first = MemoryMapping.CreateAnonymousAligned(Length, 2 << 20);
        using MemoryMapping second = MemoryMapping.CreateAnonymousAligned(Length, 2 << 20);
        foreach (MemoryMapping mapping in (MemoryMapping[])[first, second])
        {
            // Kept out of dumps, as guest memory is: so the kernel never joins it with a neighbour of another kind.
            Assert.Equal(Errno.None, mapping.Advise(0, mapping.Length, MemoryAdvice.DontDump));
        }

        Assert.Equal(0UL, Of(first, second));
        for (int offset = 0; offset < Touched; offset += Environment.SystemPageSize)
        {
            System.Runtime.InteropServices.Marshal.WriteByte(first.Address, offset, 1);
        }

        Assert.InRange(Of(first), (ulong)Touched, (ulong)Length);
        Assert.Equal(Of(first), Of(first, second));
        Assert.Equal(0UL, Of(second));
    }

    [Fact]
    public void OfNoRangeItIsNothing() => Assert.Equal(0UL, ResidentMemory.Of([]));

    private static ulong Of(params MemoryMapping[] mappings) =>
        ResidentMemory.Of([.. mappings.Select(mapping => (mapping.Address, (ulong)mapping.Length))])!.Value;
}
