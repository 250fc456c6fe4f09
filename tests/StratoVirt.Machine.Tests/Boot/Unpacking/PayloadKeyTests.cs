using StratoVirt.Linux;
using StratoVirt.Machine.Boot;
using StratoVirt.Machine.Boot.Images;
using StratoVirt.Machine.Boot.Unpacking;

namespace StratoVirt.Machine.Tests.Boot.Unpacking;

public sealed class PayloadKeyTests
{
    private static readonly byte[] Kernel = KernelBuilder.BzImage(Payloads.Gzip(KernelBuilder.SimpleElf(true)));
    private static readonly FileStatus Rested = new(1, 2, 1, 0, 0, (ulong)Kernel.Length, NanosecondsOf(DateTime.UtcNow.AddHours(-1)));

    [Fact]
    public void A_rested_file_is_known_by_what_it_is_not_by_its_bytes()
    {
        Assert.Equal(KeyOf(Rested), KeyOf(Rested));
        Assert.NotEqual(KeyOf(null), KeyOf(Rested));
    }

    [Fact]
    public void Whatever_tells_files_apart_tells_their_keys_apart()
    {
        FileStatus[] others =
        [
            Rested with { Device = 9 }, Rested with { Inode = 9 }, Rested with { Length = 9 }, Rested with { Changed = Rested.Changed - 1 },
        ];
        Assert.All(others, other => Assert.NotEqual(KeyOf(Rested), KeyOf(other)));
    }

    [Fact]
    public void A_file_changed_just_now_is_known_by_its_bytes() =>
        Assert.Equal(KeyOf(null), KeyOf(Rested with { Changed = NanosecondsOf(DateTime.UtcNow) }));

    private static byte[] KeyOf(FileStatus? status)
    {
        using BzImageKernel kernel = BzImageKernel.Parse(new DescribedFile(Kernel, status));
        return Assert.IsType<BzImagePayload>(BzImagePayload.Find(kernel)).ComputeKey();
    }

    private static long NanosecondsOf(DateTime time) => (time - DateTime.UnixEpoch).Ticks * 100;

    /// <summary>A file in memory that claims to be one of the host's.</summary>
    private sealed class DescribedFile(byte[] content, FileStatus? status) : BootFile("kernel", content.Length)
    {
        public override FileStatus? Status => status;

        public override bool TryRead(long offset, Span<byte> destination)
        {
            if (offset + destination.Length > content.Length)
            {
                return false;
            }

            content.AsSpan((int)offset, destination.Length).CopyTo(destination);
            return true;
        }
    }
}
