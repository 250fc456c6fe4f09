using System.Text;

namespace StratoVirt.PowerShell.Tests.Hosting;

/// <summary>Files that are no kernel for this machine, each in its own way.</summary>
internal static class KernelFiles
{
    private const ushort ExecutableType = 2;
    private const ushort Aarch64 = 183;
    private const ushort X64 = 62;

    /// <summary>By name: the content.</summary>
    public static byte[] Content(string kind) => kind switch
    {
        "empty" => [],
        "text" => Encoding.ASCII.GetBytes(string.Concat(Enumerable.Repeat("this is a letter, not a kernel\n", 200))),
        "truncated" => Elf(X64)[..40],
        "arm64" => Elf(Aarch64),
        "random" => RandomBytes(),
        _ => throw new ArgumentOutOfRangeException(nameof(kind)),
    };

    // An ELF64 header (System V ABI, chapter 4) with one program header that loads nothing.
    private static byte[] Elf(ushort machine)
    {
        byte[] file = new byte[4096];
        "\u007fELF"u8.CopyTo(file);
        file[4] = 2;
        file[5] = 1;
        file[6] = 1;
        BitConverter.TryWriteBytes(file.AsSpan(16), ExecutableType);
        BitConverter.TryWriteBytes(file.AsSpan(18), machine);
        BitConverter.TryWriteBytes(file.AsSpan(20), 1u);
        BitConverter.TryWriteBytes(file.AsSpan(32), 64UL);
        BitConverter.TryWriteBytes(file.AsSpan(52), (ushort)64);
        BitConverter.TryWriteBytes(file.AsSpan(54), (ushort)56);
        BitConverter.TryWriteBytes(file.AsSpan(56), (ushort)1);
        return file;
    }

    private static byte[] RandomBytes()
    {
        byte[] bytes = new byte[1 << 20];
        new Random(1).NextBytes(bytes);
        return bytes;
    }
}
