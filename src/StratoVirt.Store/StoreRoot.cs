using StratoVirt.Linux;

namespace StratoVirt.Store;

/// <summary>Where the store of a user is.</summary>
internal static class StoreRoot
{
    internal const string Variable = "STRATOVIRT_HOME";

    /// <summary><c>$STRATOVIRT_HOME</c>, else <c>/var/lib/stratovirt</c> for root, else below the XDG data directory
    /// (XDG Base Directory Specification 0.8: a relative <c>$XDG_DATA_HOME</c> is invalid and ignored).</summary>
    /// <exception cref="StoreException"><c>$STRATOVIRT_HOME</c> is not absolute.</exception>
    internal static string Choose(Func<string, string?> variable, uint user, string home)
    {
        if (variable(Variable) is { Length: > 0 } chosen)
        {
            return Path.IsPathFullyQualified(chosen)
                ? Path.TrimEndingDirectorySeparator(Path.GetFullPath(chosen))
                : throw new StoreException(
                    StoreErrorId.StoreUnusable,
                    $"The environment variable {Variable} is '{chosen}', which is not an absolute path.",
                    $"Set {Variable} to an absolute path, or remove it.");
        }

        if (user == 0)
        {
            return "/var/lib/stratovirt";
        }

        string? data = variable("XDG_DATA_HOME");
        return data is { Length: > 0 } && Path.IsPathFullyQualified(data)
            ? Path.Combine(data, "stratovirt")
            : Path.Combine(home, ".local", "share", "stratovirt");
    }

    internal static string ForThisUser() => Choose(
        Environment.GetEnvironmentVariable,
        FileStatus.EffectiveUser,
        Environment.GetFolderPath(Environment.SpecialFolder.UserProfile));
}
