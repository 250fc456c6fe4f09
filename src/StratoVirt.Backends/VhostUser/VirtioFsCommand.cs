using StratoVirt.Linux.Processes;

namespace StratoVirt.Backends.VhostUser;

/// <summary>The command line that starts a virtiofsd.</summary>
internal static class VirtioFsCommand
{
    private static readonly TimeSpan HelpPatience = TimeSpan.FromSeconds(10);

    // A program that cannot serve read-only is given a directory that is: a mount of it in a namespace of its own, which
    // virtiofsd's own bind mount then inherits. $1 is the directory, the rest the command.
    private const string ReadOnlyMount =
        """mount --bind "$1" "$1" && mount -o remount,bind,ro "$1" && shift && exec "$@" """;

    /// <summary>The command for a share.</summary>
    /// <param name="program">The virtiofsd.</param>
    /// <param name="share">What it serves.</param>
    /// <param name="socket">The socket it makes.</param>
    /// <exception cref="VhostUserException">The program does not say what it can do, or cannot do this.</exception>
    internal static IReadOnlyList<string> For(string program, VirtioFsShare share, string socket) =>
        For(program, share, socket, Help(program), Environment.IsPrivilegedProcess);

    /// <summary>The command for a share, given what the program says of itself and whether this user is root.</summary>
    internal static IReadOnlyList<string> For(string program, VirtioFsShare share, string socket, string help, bool isRoot)
    {
        Check(program, share, help, isRoot);
        string sandbox = share.Sandbox == VirtioFsSandbox.Chroot ? "chroot" : "namespace";
        List<string> command = [];
        bool hasReadOnly = ServesReadOnly(help);
        if (share.ReadOnly && !hasReadOnly)
        {
            command.AddRange(["unshare", "--mount", "sh", "-c", ReadOnlyMount, "sh", share.Path]);
        }

        command.AddRange([program, $"--socket-path={socket}"]);
        if (!IsOfQemu(help))
        {
            command.AddRange(["--shared-dir", share.Path, "--sandbox", sandbox, "--log-level", "warn"]);
        }
        else
        {
            string escaped = share.Path.Replace("\\", "\\\\", StringComparison.Ordinal).Replace(",", "\\,", StringComparison.Ordinal);
            command.AddRange(["-f", "-o", $"source={escaped}", "-o", $"sandbox={sandbox}", "-o", "log_level=warn"]);
        }

        if (share.ReadOnly && hasReadOnly)
        {
            command.Add("--readonly");
        }

        return command;
    }

    // What would otherwise end in the program's words, or in none.
    private static void Check(string program, VirtioFsShare share, string help, bool isRoot)
    {
        if (IsOfQemu(help) && !isRoot)
        {
            throw new VhostUserException(
                VhostUserError.NotPermitted, $"'{program}', the virtiofsd of QEMU 7, serves directories for root only.");
        }

        if (share.ReadOnly && !ServesReadOnly(help) && !isRoot)
        {
            throw new VhostUserException(
                VhostUserError.NotPermitted,
                $"'{program}' has no --readonly, so a share that is only read needs a read-only mount, which root alone can make.");
        }

        // It moves into the directory with pivot_root, which cannot be done with the root it is in.
        if (IsOfQemu(help) && share.Sandbox == VirtioFsSandbox.Namespace && Path.GetFullPath(share.Path) == "/")
        {
            throw new VhostUserException(
                VhostUserError.Unservable, $"'{program}', the virtiofsd of QEMU 7, cannot serve the root directory itself.");
        }
    }

    private static bool ServesReadOnly(string help) => help.Contains("--readonly", StringComparison.Ordinal);

    private static bool IsOfQemu(string help) => !help.Contains("--shared-dir", StringComparison.Ordinal);

    private static string Help(string program)
    {
        using var output = new OutputTail();
        using ChildProcess asked = output.Launch(program, ["--help"]);
        return asked.WaitForExit(HelpPatience) is not null
            ? output.All
            : throw new VhostUserException($"'{program} --help' does not end.");
    }
}
