namespace StratoVirt.GuestImages;

/// <summary>Where downloads and finished images are kept.</summary>
public static class GuestImageCache
{
    /// <summary>
    /// <c>$XDG_CACHE_HOME/stratovirt</c> if set, else <c>/var/cache/stratovirt</c> for root and
    /// <c>~/.cache/stratovirt</c> for others.
    /// </summary>
    public static string DefaultDirectory
    {
        get
        {
            // XDG base directory specification: a relative path is to be ignored.
            if (Environment.GetEnvironmentVariable("XDG_CACHE_HOME") is { } xdg && Path.IsPathFullyQualified(xdg))
            {
                return Path.Combine(xdg, "stratovirt");
            }

            return Environment.IsPrivilegedProcess
                ? "/var/cache/stratovirt"
                : Path.Combine(
                    Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), ".cache", "stratovirt");
        }
    }
}
