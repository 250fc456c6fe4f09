using StratoVirt.Definitions.Devices;
using StratoVirt.Qmp.Commands;
using StratoVirt.Qmp.Messages;

namespace StratoVirt.Control.Commands;

/// <summary>An image as <c>blockdev-add</c> has described it.</summary>
/// <param name="Path">Its path.</param>
/// <param name="ReadOnly">The guest may not write.</param>
/// <param name="Cache">How the host's cache is used.</param>
/// <param name="Discard">The guest may give blocks back.</param>
/// <param name="Engine">How I/O is done; null for the best there is.</param>
internal sealed record ImageOptions(string Path, bool ReadOnly, DiskCache Cache, bool Discard, DiskEngine? Engine)
{
    /// <summary>Reads QEMU's description: a file, or raw over a file.</summary>
    /// <param name="options">The description.</param>
    /// <param name="find">Finds an image added before, and takes it.</param>
    /// <exception cref="QmpException">It is none that can be.</exception>
    public static ImageOptions Read(BlockdevOptions options, Func<string, ImageOptions> find)
    {
        if (options.Cache?.NoFlush == true)
        {
            throw QmpException.Generic("Parameter 'cache.no-flush' does not accept value 'true': a guest's flush is always carried out");
        }

        ImageOptions below = options.Driver is BlockdevDriver.File or BlockdevDriver.HostDevice
            ? ReadFile(options, string.Empty)
            : ReadBelow(options, find);
        return below with
        {
            ReadOnly = options.ReadOnly ?? below.ReadOnly,
            Cache = options.Cache?.Direct is { } direct ? CacheFor(direct) : below.Cache,
            Discard = options.Discard is { } discard ? discard == BlockdevDiscard.Unmap : below.Discard,
        };
    }

    private static ImageOptions ReadBelow(BlockdevOptions options, Func<string, ImageOptions> find)
    {
        if (options.File is not { } file)
        {
            throw QmpException.Generic("Parameter 'file' is missing");
        }

        if (options.Filename is not null || options.Aio is not null)
        {
            throw QmpException.Generic($"Parameter '{(options.Filename is null ? "aio" : "filename")}' is unexpected");
        }

        return file.ValueKind == System.Text.Json.JsonValueKind.String
            ? find(file.GetString()!)
            : ReadFile(BlockdevOptions.ReadNested(file), "file.");
    }

    private static ImageOptions ReadFile(BlockdevOptions options, string prefix)
    {
        if (options.Driver is null)
        {
            throw QmpException.Generic($"Parameter '{prefix}driver' is missing");
        }

        if (options.Driver == BlockdevDriver.Raw || options.File is not null)
        {
            throw QmpException.Generic($"Parameter '{prefix}driver' does not accept value 'raw' here: what is below raw is a file or a block device");
        }

        return options.Filename is { Length: > 0 } path
            ? new ImageOptions(
                path,
                options.ReadOnly ?? false,
                CacheFor(options.Cache?.Direct ?? false),
                options.Discard == BlockdevDiscard.Unmap,
                options.Aio switch
                {
                    BlockdevAio.Threads => DiskEngine.Threads,
                    BlockdevAio.IoUring => DiskEngine.IoUring,
                    _ => null,
                })
            : throw QmpException.Generic($"Parameter '{prefix}filename' is missing");
    }

    private static DiskCache CacheFor(bool direct) => direct ? DiskCache.Direct : DiskCache.Buffered;
}
