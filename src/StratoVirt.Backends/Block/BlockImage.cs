using StratoVirt.Linux;
using StratoVirt.Linux.Handles;
using StratoVirt.Linux.Storage;

namespace StratoVirt.Backends.Block;

/// <summary>Opens raw images.</summary>
public static class BlockImage
{
    private const int SmallBlock = 512;
    private const int LargeBlock = 4096;

    /// <summary>Opens and locks an image and makes the engine that does its I/O.</summary>
    /// <exception cref="BlockImageException">It is missing, no image, locked by another machine, or cannot be used as
    /// asked.</exception>
    public static IBlockBackend Open(BlockImageOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        ArgumentException.ThrowIfNullOrEmpty(options.Path);
        if (options.Threads is < 1 or > BlockImageOptions.MaxThreads)
        {
            throw new BlockImageException(options.Path, $"it can have 1 to {BlockImageOptions.MaxThreads} threads, not {options.Threads}.");
        }

        FileDescriptor file = options.File ?? OpenFile(options);
        RawImage? image = null;
        try
        {
            StorageFacts facts = StorageFacts.Of(file);
            Lock(file, options);
            image = new RawImage(options.Path, file, facts, ChooseBlock(file, facts, options), options);
            return MakeEngine(image, options);
        }
        catch (LinuxException reason)
        {
            (image as IDisposable ?? file).Dispose();
            throw new BlockImageException(options.Path, reason.Message, reason);
        }
        catch
        {
            (image as IDisposable ?? file).Dispose();
            throw;
        }
    }

    /// <summary>Opens an image's file as <see cref="Open"/> does, without a look at it.</summary>
    /// <exception cref="BlockImageException">It is missing, or cannot be opened as asked.</exception>
    public static FileDescriptor OpenFile(BlockImageOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        FileDescriptor? file = StorageFacts.TryOpen(options.Path, options.ReadOnly, options.Direct, out Errno errno);
        if (file is not null)
        {
            return file;
        }

        string problem = errno == Errno.InvalidArgument && options.Direct
            ? "its file system has no direct I/O; leave that out, or put the image on another file system."
            : errno is Errno.AccessDenied or Errno.ReadOnlyFileSystem && !options.ReadOnly
                ? "it cannot be opened for writing; open it read-only, or change its permissions."
                : new LinuxException("open", errno).Message;
        throw new BlockImageException(options.Path, problem, new LinuxException("open", errno, options.Path));
    }

    private static void Lock(FileDescriptor file, BlockImageOptions options)
    {
        if (options.Lock && !FileRangeLock.TryTake(file, exclusive: !options.ReadOnly, options.Patience))
        {
            throw new BlockImageException(options.Path, options.ReadOnly
                ? "another machine has it open for writing; stop that machine first."
                : "another machine has it open; stop that machine first, or open the image read-only in both.");
        }
    }

    // Requests are multiples of the logical block, so with direct I/O it must be what the file asks for.
    private static int ChooseBlock(FileDescriptor file, StorageFacts facts, BlockImageOptions options)
    {
        int least = options.Direct ? Math.Max(facts.LogicalBlock, DirectIo.Of(file).Offset) : SmallBlock;
        int block = options.LogicalBlock ?? (Math.Max(least, facts.LogicalBlock) <= SmallBlock ? SmallBlock : LargeBlock);
        if (block is not (SmallBlock or LargeBlock))
        {
            throw new BlockImageException(options.Path, $"a logical block has {SmallBlock} or {LargeBlock} bytes, not {block}.");
        }

        return block < least
            ? throw new BlockImageException(
                options.Path, $"the host needs blocks of {least} bytes for direct I/O, more than {block}; use larger blocks, or leave direct I/O out.")
            : block;
    }

    private static IBlockBackend MakeEngine(RawImage image, BlockImageOptions options)
    {
        if (options.Engine != BlockEngine.Threads)
        {
            if (RingEngine.TryCreate(image, out Errno errno, options.Guard) is { } ring)
            {
                return ring;
            }

            if (options.Engine == BlockEngine.IoUring)
            {
                throw new BlockImageException(
                    image.Path, $"io_uring is not to be had ({errno}); allow it (sysctl kernel.io_uring_disabled), or use threads.");
            }
        }

        return new ThreadEngine(image, options.Threads, options.Guard);
    }
}
