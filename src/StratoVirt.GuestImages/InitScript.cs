namespace StratoVirt.GuestImages;

/// <summary>
/// What the guest does when its kernel is up, a script for busybox: it mounts, loads modules, answers the power button,
/// and gives a shell on the console, or runs the command given as <c>strato_run="…"</c> on the kernel command line and
/// powers off.
/// </summary>
public static class InitScript
{
    /// <summary>The x86 I/O port that takes boot marks.</summary>
    public const ushort BootMarkPort = 0x606;

    /// <summary>The boot mark that says: the kernel is up and init runs.</summary>
    public const byte InitReached = 0x01;

    /// <summary>
    /// The parameter on the kernel command line that names a command. The kernel hands parameters that are not its own
    /// to init as environment, quotes already resolved (Documentation/admin-guide/kernel-parameters.rst), so blanks need
    /// only be quoted: <c>strato_run="uname -a; nproc"</c>.
    /// </summary>
    public const string RunParameter = "strato_run";

    /// <summary>What stands before the exit code when the command of <see cref="RunParameter"/> has ended.</summary>
    public const string RunResultPrefix = "strato_run: exit code ";

    /// <summary>The shell's prompt in the directory it starts in, for a host name.</summary>
    public static string PromptOf(string hostName) => hostName + ":~# ";

    /// <summary>The script itself.</summary>
    /// <param name="hostName">The guest's name.</param>
    /// <param name="modules">Modules in the order to load them, found as /lib/modules/NAME.ko.</param>
    /// <remarks>
    /// Busybox's poweroff, halt and reboot tell process 1 by signal (its init/halt.c): USR2, USR1, TERM. A handler
    /// runs when the current command is done, so everything that takes long is a background job that is waited for.
    /// </remarks>
    internal static string Create(string hostName, IEnumerable<string> modules) =>
        $$"""
        #!/bin/busybox sh
        export PATH=/bin:/sbin HOME=/root TERM=linux ENV=/{{ShellSetupPath}}
        trap 'busybox poweroff -f' USR2
        trap 'busybox halt -f' USR1
        trap 'busybox reboot -f' TERM
        busybox mount -t devtmpfs dev /dev
        busybox mount -t proc proc /proc
        busybox mount -t sysfs sys /sys
        busybox mount -t tmpfs tmp /tmp
        busybox --install -s /bin
        hostname {{hostName}}
        {{ModuleOptions}}
        for module in {{string.Join(' ', modules)}}; do
            find_options $module
            insmod /lib/modules/$module.ko $options || echo "init: module $module was not loaded"
        done
        [ -e /dev/input/event0 ] && acpid -l /dev/null
        read -r _ memory _ </proc/meminfo
        echo "$(uname -srv), $(nproc) CPUs, $((memory / 1024)) MiB"
        cd
        if [ -n "${{RunParameter}}" ]; then
            setsid cttyhack sh -c "${{RunParameter}}" </dev/console >/dev/console 2>&1 &
            wait $!
            echo "{{RunResultPrefix}}$?"
            poweroff -f
        fi
        while :; do
            setsid cttyhack sh -i /dev/tty </dev/console >/dev/console 2>&1 &
            wait $! || sleep 1
        done

        """;

    /// <summary>
    /// Finds a module's parameters on the kernel command line, <c>NAME.PARAMETER=VALUE</c>: the kernel leaves handing them over to whoever loads the module (Documentation/admin-guide/kernel-parameters.rst).
    /// </summary>
    internal const string ModuleOptions =
        """
        read -r line </proc/cmdline
        find_options() {
            options=
            case " $line" in *" $1."*) ;; *) return ;; esac
            for word in $line; do
                case $word in "$1".*) options="$options ${word#*.}" ;; esac
            done
        }
        """;

    /// <summary>Where <see cref="ShellSetup"/> lies in the guest.</summary>
    internal const string ShellSetupPath = "etc/shrc";

    /// <summary>
    /// Read by every interactive shell. The shell on the console is given the terminal as a script, which keeps its
    /// line editor out: that asks the terminal for its cursor after each prompt, and a terminal that shows a console's
    /// transcript would answer into somebody else's input. Such a shell prints no prompt, but it does expand PS1,
    /// and the expansion prints it.
    /// </summary>
    internal const string ShellSetup =
        """
        prompt() {
            case $PWD in
                "$HOME"*) printf '%s:~%s# ' "$(hostname)" "${PWD#"$HOME"}" ;;
                *) printf '%s:%s# ' "$(hostname)" "$PWD" ;;
            esac >/dev/tty
        }
        PS1='$(prompt)' PS2=

        """;

    /// <summary>What busybox's acpid runs for the power button: directory and file are named after the event.</summary>
    internal const string PowerButtonPath = "etc/acpi/PWRF/00000080";

    internal const string PowerButtonScript = "#!/bin/busybox sh\nexec busybox kill -USR2 1\n";
}
