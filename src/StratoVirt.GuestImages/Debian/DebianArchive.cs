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
            using var tar = new TarReader(unpacker.Output, leaveOpen: true);
            while (tar.GetNextEntry() is { } entry)
            {
                cancellationToken.ThrowIfCancellationRequested();
                if (entry.EntryType is TarEntryType.RegularFile or TarEntryType.V7RegularFile
                    && entry.DataStream is { } content
                    && !visit(Normalize(entry.Name), entry.Length, content))
                {
                    return;
                }
            }

            unpacker.Output.CopyTo(Stream.Null);
        }
        catch (Exception cause) when (cause is IOException or InvalidDataException or FormatException)
        {
            cancellationToken.ThrowIfCancellationRequested();
            throw Damaged(package, unpacker.ErrorText, cause);
        }

        if (unpacker.WaitForExit() != 0)
        {
            throw Damaged(package, unpacker.ErrorText, cause: null);
        }
    }

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
