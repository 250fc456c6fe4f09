using StratoVirt.Machine.Boot.Unpacking;
using StratoVirt.Machine.Boot.X64;

namespace StratoVirt.Machine.Boot.Images;

/// <summary>
/// A bzImage entered by the 64-bit boot protocol: its own decompressor runs in the guest. What is booted this way only
/// when the host cannot unpack the payload.
/// </summary>
internal sealed class BzImageKernel : KernelImage
{
    /// <summary>Offset of the 64-bit entry point from the load address (boot.rst, "64-bit Boot Protocol").</summary>
    public const ulong EntryOffset = 0x200;

    /// <summary>Least protocol version whose header means what we read: 2.06 brought the command line's size.</summary>
    private const ushort MinVersion = 0x206;

    private BzImageKernel(BootFile file, SetupHeader header, ulong loadAddress, ulong end)
        : base(file)
    {
        Header = header;
        LoadAddress = loadAddress;
        End = end;
    }

    /// <summary>Its setup header.</summary>
    public SetupHeader Header { get; }

    /// <summary>Guest physical address of the protected-mode code.</summary>
    public ulong LoadAddress { get; }

    /// <summary>Bytes of protected-mode code there are in the file.</summary>
    public long CodeLength => Math.Min(Header.CodeLength, File.Length - Header.CodeOffset);

    /// <inheritdoc/>
    public override ulong End { get; }

    /// <inheritdoc/>
    public override int CommandLineMax => (int)Math.Min(Header.CommandLineSize, Layout.CommandLineLength - 1);

    /// <inheritdoc/>
    public override ulong InitrdAddressMax => Header.InitrdAddressMax;

    /// <summary>Reads and checks the header.</summary>
    /// <exception cref="MachineException">It is damaged, too old, or a 32-bit kernel.</exception>
    public static BzImageKernel Parse(BootFile file)
    {
        SetupHeader header = SetupHeader.Read(file);
        if (header.Version < MinVersion || !header.IsLoadedHigh)
        {
            throw KernelFault.Unrecognised(
                file.Name, $"it speaks version {header.Version >> 8}.{header.Version & 0xFF:D2} of the boot protocol, too old");
        }

        if (!header.Has64BitEntry)
        {
            throw KernelFault.Architecture(file.Name, "it is a 32-bit x86 kernel, without the 64-bit entry point");
        }

        // The length is counted in 16-byte units, so the last may be short.
        if (header.CodeLength == 0 || header.CodeOffset + header.CodeLength - 15 > file.Length)
        {
            throw KernelFault.Corrupt(
                file.Name, $"its header promises {header.CodeOffset + header.CodeLength} bytes, the file has {file.Length}");
        }

        (ulong loadAddress, ulong end) = Place(file.Name, header);
        return new BzImageKernel(file, header, loadAddress, end);
    }

    /// <summary>
    /// The kernel inside, unpacked on the host; or this image itself when the payload is compressed in a way the host
    /// cannot unpack, or holds something other than an ELF file.
    /// </summary>
    /// <exception cref="MachineException">The payload is damaged.</exception>
    public KernelImage Unpack(KernelCache? cache)
    {
        try
        {
            if (BzImagePayload.Find(this) is not { } payload)
            {
                return this;
            }

            return (cache is null ? RecogniseOrClose(payload.UnpackToMemory()) : UnpackThrough(cache, payload)) ?? this;
        }
        catch (IOException failure)
        {
            throw KernelFault.Unreadable(File.Name, failure);
        }
    }

    private static KernelImage? UnpackThrough(KernelCache cache, BzImagePayload payload)
    {
        byte[] key = payload.ComputeKey();
        if (cache.Find(payload, key) is { } found)
        {
            try
            {
                if (RecogniseOrClose(found) is { } image)
                {
                    return image;
                }
            }
            catch (MachineException)
            {
                // Damaged on disk: made again below, and what is wrong then is wrong with the kernel itself.
            }

            cache.Remove(key);
        }

        return RecogniseOrClose(cache.Add(payload, key));
    }

    private static KernelImage? RecogniseOrClose(BootFile unpacked)
    {
        if (ImageFormat.IsElf(unpacked))
        {
            return Recognise(unpacked);
        }

        unpacked.Dispose();
        return null;
    }

    // A relocatable kernel loaded at its preferred address unpacks itself there; others are loaded at 1 MiB and move
    // to the preferred address. Either way the memory from there for init_size bytes is theirs.
    private static (ulong LoadAddress, ulong End) Place(string name, SetupHeader header)
    {
        ulong alignment = header.KernelAlignment;
        ulong preferred = header.PreferredAddress;
        if (preferred < Layout.ExtendedMemory || preferred > Layout.HoleStart
            || (header.IsRelocatable && (!ulong.IsPow2(alignment) || preferred % alignment != 0)))
        {
            throw KernelFault.Corrupt(name, $"it prefers address 0x{preferred:x} with an alignment of 0x{alignment:x}");
        }

        ulong load = header.IsRelocatable ? preferred : Layout.ExtendedMemory;
        ulong end = Math.Max(load + (ulong)header.CodeLength, preferred + header.InitSize);
        return end <= Layout.HoleStart
            ? (load, end)
            : throw KernelFault.Corrupt(name, $"it wants guest memory up to 0x{end:x}, behind 3 GiB");
    }
}
