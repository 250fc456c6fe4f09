using System.Diagnostics;

namespace StratoVirt.Backends.VhostUser;

/// <summary>The command line that starts a virtiofsd.</summary>
internal static class VirtioFsCommand
{
    private const int HelpPatienceMs = 10_000;

    // A program that cannot serve read-only is given a directory that is: a mount of it in a namespace of its own, which
    // virtiofsd's own bind mount then inherits. $1 is the directory, the rest the command.
    private const string ReadOnlyMount =
        """mount --bind "$1" "$1" && mount -o remount,bind,ro "$1" && shift && exec "$@" """;

    /// <summary>The command for a share.</summary>
    /// <param name="program">The virtiofsd.</param>
    /// <param name="share">What it serves.</param>
    /// <param name="socket">The socket it makes.</param>
    /// <exception cref="VhostUserException">The program does not say what it can do.</exception>
    internal static IReadOnlyList<string> For(string program, VirtioFsShare share, string socket) =>
        For(program, share, socket, Help(program));

    /// <summary>The command for a share, given what the program says of itself.</summary>
    internal static IReadOnlyList<string> For(string program, VirtioFsShare share, string socket, string help)
    {
        string sandbox = share.Sandbox == VirtioFsSandbox.Chroot ? "chroot" : "namespace";

        // A session of its own: the keyboard's Ctrl-C is for the shell, not for a machine's file server.
        List<string> command = ["setsid"];
        bool hasReadOnly = help.Contains("--readonly", StringComparison.Ordinal);
        if (share.ReadOnly && !hasReadOnly)
        {
            command.AddRange(["unshare", "--mount", "sh", "-c", ReadOnlyMount, "sh", share.Path]);
        }

        command.AddRange([program, $"--socket-path={socket}"]);
        if (help.Contains("--shared-dir", StringComparison.Ordinal))
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

    private static string Help(string program)
    {
        try
        {
            using Process? asked = Process.Start(new ProcessStartInfo(program, ["--help"])
            {
                RedirectStandardOutput = true,
                RedirectStandardError = true,
            });
            Task<string> errors = asked!.StandardError.ReadToEndAsync();
            Task<string> text = asked.StandardOutput.ReadToEndAsync();
            if (!Task.WaitAll([errors, text], HelpPatienceMs))
            {
                asked.Kill();
                throw new VhostUserException($"'{program} --help' does not end.");
            }

            return text.Result + errors.Result;
        }
        catch (System.ComponentModel.Win32Exception refused)
        {
            throw new VhostUserException($"'{program}' cannot be started: {refused.Message}", refused);
        }
    }
}
