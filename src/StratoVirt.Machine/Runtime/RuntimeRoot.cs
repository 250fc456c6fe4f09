using StratoVirt.Linux;

namespace StratoVirt.Machine.Runtime;

/// <summary>Where the runtime directory of a user is, and whether it is his alone.</summary>
internal static class RuntimeRoot
{
    internal const string Variable = "STRATOVIRT_RUNTIME";

    private const string Name = "stratovirt";
    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;

    /// <summary>Permission bits that let anybody but the owner in.</summary>
    private const int OthersMask = 0x3F;

    /// <summary>
    /// <c>$STRATOVIRT_RUNTIME</c> where it is set. For root <c>/run/stratovirt</c>, whatever <c>$XDG_RUNTIME_DIR</c>
    /// says: that one goes when the session ends, and sudo may have left it another user's. Else below
    /// <c>$XDG_RUNTIME_DIR</c> when that is this user's directory, else <c>/tmp/stratovirt-UID</c>.
    /// </summary>
    internal static string Choose(Func<string, string?> variable, uint user)
    {
        if (variable(Variable) is { Length: > 0 } chosen)
        {
            return Path.IsPathFullyQualified(chosen)
                ? Path.TrimEndingDirectorySeparator(chosen)
                : throw new MachineException(
                    MachineErrorId.RuntimeDirectory,
                    $"The environment variable {Variable} is '{chosen}', which is not an absolute path.",
                    $"Set {Variable} to an absolute path, or remove it.");
        }

        if (user == 0)
        {
            return $"/run/{Name}";
        }

        string? session = variable("XDG_RUNTIME_DIR");
        return session is { Length: > 0 } && Path.IsPathFullyQualified(session) && IsDirectoryOf(session, user)
            ? Path.Combine(session, Name)
            : $"/tmp/{Name}-{user}";
    }

    /// <summary>Creates the root if need be, and makes sure that nobody else can put anything there.</summary>
    /// <exception cref="MachineException">It is another user's, open to others, or no directory.</exception>
    internal static void Ensure(string root)
    {
        Directory.CreateDirectory(root, OwnerOnly);
        Exists(root);
    }

    /// <summary>Whether there is a root, which is then this user's alone.</summary>
    /// <exception cref="MachineException">It is another user's, open to others, or no directory.</exception>
    internal static bool Exists(string root)
    {
        // /tmp is everybody's: whoever makes the directory first could plant an owner, a log or a socket in it.
        if (FileStatus.Find(root) is not FileStatus status)
        {
            return false;
        }

        string? fault = !status.IsDirectory ? "is not a directory"
            : status.Owner != FileStatus.EffectiveUser ? $"belongs to user {status.Owner}, not to user {FileStatus.EffectiveUser} of this session"
            : (status.Permissions & OthersMask) != 0 ? "can be entered by other users"
            : null;
        return fault is null ? true : throw new MachineException(
            MachineErrorId.RuntimeDirectory,
            $"The runtime directory '{root}' {fault}.",
            $"Remove it, or make it yours alone with mode 0700, or set {Variable} to another directory.");
    }

    internal static void CreateBelow(string directory) => Directory.CreateDirectory(directory, OwnerOnly);

    private static bool IsDirectoryOf(string path, uint user) =>
        FileStatus.Find(path) is FileStatus status && status.IsDirectory && status.Owner == user;
}
