namespace StratoVirt.GuestImages.Debian;

/// <summary>One version of a package as apt's signed index describes it.</summary>
/// <param name="Name">The package's name.</param>
/// <param name="Version">Its version.</param>
/// <param name="Sha256">SHA-256 of the package file, 64 lower-case hexadecimal digits.</param>
/// <param name="Size">Size of the package file in bytes.</param>
/// <param name="Depends">The Depends field, empty if it has none.</param>
internal sealed record DebianPackage(string Name, string Version, string Sha256, long Size, string Depends)
{
    /// <summary>Reads the first record of what <c>apt-cache show</c> printed.</summary>
    /// <returns>The package, or null if the text is no complete record.</returns>
    public static DebianPackage? Parse(string text)
    {
        var fields = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (string line in text.Split('\n'))
        {
            if (line.Length == 0)
            {
                break;
            }

            // deb822: a continuation line begins with a blank; no field of interest here has one.
            int colon = line.IndexOf(':', StringComparison.Ordinal);
            if (colon > 0 && line[0] is not (' ' or '\t'))
            {
                fields.TryAdd(line[..colon], line[(colon + 1)..].Trim());
            }
        }

        return fields.TryGetValue("Package", out string? name)
            && fields.TryGetValue("Version", out string? version)
            && fields.TryGetValue("SHA256", out string? sha256) && IsSha256(sha256)
            && fields.TryGetValue("Size", out string? size) && long.TryParse(size, out long bytes) && bytes > 0
                ? new DebianPackage(name, version, sha256, bytes, fields.GetValueOrDefault("Depends", string.Empty))
                : null;
    }

    /// <summary>
    /// The first package of a name with this prefix that this one depends on, and the version it insists on, if any.
    /// </summary>
    public (string Name, string? Version)? FindDependency(string prefix)
    {
        foreach (string clause in Depends.Split(',', '|'))
        {
            string item = clause.Trim();
            int blank = item.IndexOf(' ', StringComparison.Ordinal);
            string name = blank < 0 ? item : item[..blank];
            if (name.StartsWith(prefix, StringComparison.Ordinal))
            {
                int equals = item.IndexOf("(= ", StringComparison.Ordinal);
                return (name, equals < 0 ? null : item[(equals + 3)..].TrimEnd(')', ' '));
            }
        }

        return null;
    }

    /// <summary>Debian policy 5.6.1: lower-case letters, digits, plus, minus and full stop; at least two.</summary>
    public static bool IsValidName(string name) =>
        name.Length is >= 2 and <= 128
        && char.IsAsciiLetterOrDigit(name[0])
        && name.All(c => char.IsAsciiLetterLower(c) || char.IsAsciiDigit(c) || c is '+' or '-' or '.');

    private static bool IsSha256(string text) => text.Length == 64 && text.All(char.IsAsciiHexDigitLower);
}
