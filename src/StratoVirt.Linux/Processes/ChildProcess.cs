using System.Runtime.InteropServices;
using StratoVirt.Linux.Abi;
using StratoVirt.Linux.Handles;

namespace StratoVirt.Linux.Processes;

/// <summary>
/// A program that serves this process and is handed one open descriptor: which
/// <see cref="System.Diagnostics.Process"/> cannot do. It gets a process group of its own, so that the terminal's
/// Ctrl-C does not reach it, no blocked signals, and nothing else of this process.
/// </summary>
public sealed class ChildProcess : IDisposable
{
    /// <summary>The descriptor's number in the child.</summary>
    public const int GivenDescriptor = 3;

    // glibc asks for 80 and 336 bytes, musl for less.
    private const int ActionsBytes = 256;
    private const int AttributesBytes = 512;
    private const ulong EverySignal = ulong.MaxValue;

    // The shell's way to say that a signal, 128 less, has ended a program.
    private const int SignalledExit = 128;

    private readonly Lock _gate = new();
    private int? _exitCode;

    private ChildProcess(int id) => Id = id;

    /// <summary>The process id.</summary>
    public int Id { get; }

    /// <summary>Its exit code, 128 and the signal's number when a signal has ended it; null while it runs.</summary>
    public int? ExitCode
    {
        get
        {
            lock (_gate)
            {
                Reap(LibC.WNOHANG);
                return _exitCode;
            }
        }
    }

    /// <summary>Starts a program.</summary>
    /// <param name="path">Its file.</param>
    /// <param name="arguments">What follows its name.</param>
    /// <param name="given">Becomes its <see cref="GivenDescriptor"/>; still the caller's here.</param>
    /// <param name="output">Receives what it prints; still the caller's here. It reads an empty standard input.</param>
    /// <exception cref="LinuxException">No such file, or it cannot be executed.</exception>
    public static ChildProcess Start(string path, IReadOnlyList<string> arguments, FileDescriptor given, FileDescriptor output)
    {
        ArgumentNullException.ThrowIfNull(arguments);
        ArgumentNullException.ThrowIfNull(given);
        ArgumentNullException.ThrowIfNull(output);
        using FileDescriptor nothing = FileDescriptor.Open("/dev/null", OpenFlags.ReadOnly);
        using var words = new NativeStrings([path, .. arguments]);
        using var environment = new NativeStrings(
        [
            .. Environment.GetEnvironmentVariables().Cast<System.Collections.DictionaryEntry>()
                .Select(variable => $"{variable.Key}={variable.Value}"),
        ]);
        int error = Spawn(words, environment, nothing.Number, output.Number, given.Number, out int id);
        return error != 0 ? throw new LinuxException("posix_spawn", (Errno)error, path) : new ChildProcess(id);
    }

    /// <summary>Ends it if it still runs, without asking it.</summary>
    public void Dispose()
    {
        lock (_gate)
        {
            Reap(LibC.WNOHANG);
            if (_exitCode is null)
            {
                _ = LibC.kill(Id, LibC.SIGKILL);
                Reap(0);
            }
        }
    }

    // SAFETY: both objects lie on this stack frame, with more room than any C library asks for, and are used by these
    // calls alone; the strings live until the caller disposes them.
    private static unsafe int Spawn(NativeStrings words, NativeStrings environment, int input, int output, int given, out int id)
    {
        byte* actions = stackalloc byte[ActionsBytes];
        byte* attributes = stackalloc byte[AttributesBytes];
        id = 0;
        int error = LibC.posix_spawn_file_actions_init((nint)actions);
        if (error != 0)
        {
            return error;
        }

        error = LibC.posix_spawnattr_init((nint)attributes);
        if (error == 0)
        {
            const short Flags = LibC.POSIX_SPAWN_SETPGROUP | LibC.POSIX_SPAWN_SETSIGDEF | LibC.POSIX_SPAWN_SETSIGMASK;
            error = FirstOf(
                LibC.posix_spawnattr_setflags((nint)attributes, Flags),
                LibC.posix_spawnattr_setsigmask((nint)attributes, default),
                LibC.posix_spawnattr_setsigdefault((nint)attributes, new sigset_t { KernelPart = EverySignal }),
                LibC.posix_spawn_file_actions_adddup2((nint)actions, input, 0),
                LibC.posix_spawn_file_actions_adddup2((nint)actions, output, 1),
                LibC.posix_spawn_file_actions_adddup2((nint)actions, output, 2),
                LibC.posix_spawn_file_actions_adddup2((nint)actions, given, GivenDescriptor));
            error = error != 0
                ? error
                : LibC.posix_spawn(out id, words.First, (nint)actions, (nint)attributes, words.Pointer, environment.Pointer);
            _ = LibC.posix_spawnattr_destroy((nint)attributes);
        }

        _ = LibC.posix_spawn_file_actions_destroy((nint)actions);
        return error;
    }

    private static int FirstOf(params ReadOnlySpan<int> errors)
    {
        foreach (int error in errors)
        {
            if (error != 0)
            {
                return error;
            }
        }

        return 0;
    }

    // A process id is used again once it has been waited for: never twice.
    private void Reap(int options)
    {
        if (_exitCode is not null)
        {
            return;
        }

        int result;
        int status;
        do
        {
            result = LibC.waitpid(Id, out status, options);
        }
        while (result < 0 && LinuxException.LastErrno == Errno.Interrupted);
        if (result != 0)
        {
            int signal = status & 0x7F;
            _exitCode = result < 0 ? -1 : signal != 0 ? SignalledExit + signal : (status >> 8) & 0xFF;
        }
    }

    /// <summary>An array of C strings, ended by a null pointer.</summary>
    private sealed class NativeStrings : IDisposable
    {
        private readonly nint[] _strings;
        private GCHandle _pinned;

        internal NativeStrings(IReadOnlyList<string> strings)
        {
            _strings = [.. strings.Select(Marshal.StringToCoTaskMemUTF8), 0];
            _pinned = GCHandle.Alloc(_strings, GCHandleType.Pinned);
        }

        internal nint Pointer => _pinned.AddrOfPinnedObject();

        internal nint First => _strings[0];

        public void Dispose()
        {
            _pinned.Free();
            Array.ForEach(_strings, Marshal.FreeCoTaskMem);
        }
    }
}
