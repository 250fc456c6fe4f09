using System.Formats.Tar;

namespace StratoVirt.GuestImages.Debian;

/// <summary>The files inside a package, read as a stream: nothing is installed and nothing else is written.</summary>
internal static class DebianArchive
{
    /// <summary>
    /// Goes through the package's regular files in archive order. The path handed over has no leading <c>./</c>, and
    /// none of <c>usr/</c>, so that packages from before and after Debian's merge of /usr look the same.
    /// </summary>
    /// <param name="package">Path of the .deb file.</param>
    /// <param name="visit">
    /// Called with path, size in bytes and content; what it leaves unread is skipped. Returns false to end.
    /// </param>
    /// <param name="cancellationToken">Ends the reading.</param>
    /// <exception cref="GuestImageException">The package cannot be unpacked.</exception>
    public static void Visit(
        string package, Func<string, long, Stream, bool> visit, CancellationToken cancellationToken)
    {
        using var unpacker = ToolProcess.Start("dpkg-deb", ["--fsys-tarfile", package], null, cancellationToken);
        try
        {
            if (!Visit(unpacker.Output, visit, cancellationToken))
            {
                return;
            }

            unpacker.Output.CopyTo(Stream.Null);
        }
        catch (Exception cause) when (IsDamage(cause))
        {
            cancellationToken.ThrowIfCancellationRequested();
            throw Damaged(package, unpacker.ErrorText, cause);
        }

        if (unpacker.WaitForExit() != 0)
        {
            throw Damaged(package, unpacker.ErrorText, cause: null);
        }
    }

    /// <summary>Goes through the regular files of a tar archive that comes as a program writes it, once and in order.</summary>
    /// <returns>False when <paramref name="visit"/> ended it.</returns>
    internal static bool Visit(Stream archive, Func<string, long, Stream, bool> visit, CancellationToken cancellationToken)
    {
        using var tar = new TarReader(archive, leaveOpen: true);
        while (tar.GetNextEntry() is { } entry)
        {
            cancellationToken.ThrowIfCancellationRequested();
            if (entry.EntryType is TarEntryType.RegularFile or TarEntryType.V7RegularFile
                && entry.DataStream is { } content
                && !visit(Normalize(entry.Name), entry.Length, content))
            {
                return false;
            }
        }

        return true;
    }

    /// <summary>Whether an exception says that the archive is damaged, and nothing else: the reader adds up sizes of the
    /// archive without looking at them first, and a damaged entry may be of a kind that it does not know.</summary>
    internal static bool IsDamage(Exception cause) =>
        cause is IOException or InvalidDataException or FormatException or OverflowException or ArgumentException
            or NotSupportedException;

    private static string Normalize(string name)
    {
        string path = name.StartsWith("./", StringComparison.Ordinal) ? name[2..] : name;
        return path.StartsWith("usr/", StringComparison.Ordinal) ? path[4..] : path;
    }

    private static GuestImageException Damaged(string package, string complaint, Exception? cause) => new(
        GuestImageErrorId.PackageDamaged,
        $"'{package}' cannot be unpacked.{(complaint.Length > 0 ? " " + complaint : "")}",
        "Remove the file so that it is downloaded again.",
        cause);
}
