using System.Globalization;
using System.Runtime.InteropServices;
using StratoVirt.Linux.Abi;
using StratoVirt.Linux.Handles;
using StratoVirt.Linux.Processes;

namespace StratoVirt.Linux.Containment.Jail;

/// <summary>
/// A program in a user namespace of its own: it is root there, for as long as it stays so, and has no right outside of
/// it. Users have the same numbers inside, so that files are whose they are.
/// </summary>
public sealed class JailedProcess : IDisposable
{
    private const byte Go = 1;
    private const string EveryUser = "0 0 4294967295";

    private readonly FileDescriptor _go;
    private bool _started;

    private JailedProcess(int id, FileDescriptor go)
    {
        Id = id;
        _go = go;
    }

    /// <summary>Its number on the host.</summary>
    public int Id { get; }

    /// <summary>Makes a process from the calling thread, in that thread's namespaces and root. It gets all descriptors
    /// that are not close-on-exec, and waits.</summary>
    /// <param name="program">Its path inside.</param>
    /// <param name="arguments">What follows its name.</param>
    /// <param name="environment">Its environment, <c>NAME=VALUE</c> each.</param>
    /// <exception cref="LinuxException">The kernel refused.</exception>
    public static JailedProcess Create(string program, IReadOnlyList<string> arguments, IReadOnlyList<string> environment)
    {
        using var words = new NativeStrings([program, .. arguments]);
        using var variables = new NativeStrings(environment);
        if (LibC.socketpair(LibC.AF_UNIX, LibC.SOCK_STREAM | LibC.SOCK_CLOEXEC, 0, out ulong pair) < 0)
        {
            throw LinuxException.Last("socketpair");
        }

        using var theirs = new FileDescriptor((int)(uint)pair);
        var go = new FileDescriptor((int)(pair >> 32));
        nint made = Begin(new Numbers(), words.First, words.Pointer, variables.Pointer, theirs.Number, go.Number);
        if (made > 0)
        {
            return new JailedProcess((int)made, go);
        }

        go.Dispose();
        throw new LinuxException("clone", (Errno)(-made), program);
    }

    /// <summary>Gives it its users and lets it begin. From a thread that is outside the jail.</summary>
    /// <exception cref="LinuxException">The kernel refused.</exception>
    public void Start()
    {
        Map("uid_map");
        Map("gid_map");
        _started = true;
        _ = _go.Write([Go], out _);
    }

    /// <summary>Ends it, unless it was started.</summary>
    public void Dispose()
    {
        if (!_started)
        {
            _ = LibC.kill(Id, LibC.SIGKILL);
            _ = LibC.waitpid(Id, out _, 0);
        }

        _go.Dispose();
    }

    // The new process is a copy of this one with this thread alone. It makes bare system calls with numbers that were
    // there before, waits to be let go, and becomes the program: no code of the runtime runs in it. When its maker dies
    // instead, it reads the end, for it has closed its own copy of the other side.
    private static unsafe nint Begin(in Numbers call, nint program, nint words, nint variables, int waits, int go)
    {
        byte gone = 0;
        nint made = LibC.bare_syscall(call.Clone, LibC.CLONE_NEWUSER | LibC.SIGCHLD, 0, 0, 0, 0);
        if (made != 0)
        {
            return made < 0 ? -Marshal.GetLastSystemError() : made;
        }

        // SAFETY: the address of a local, which lives as long as this frame; the others are the caller's.
        _ = LibC.bare_syscall(call.Close, go, 0, 0, 0, 0);
        _ = LibC.bare_syscall(call.Read, waits, (nint)(&gone), sizeof(byte), 0, 0);
        if (gone == Go)
        {
            _ = LibC.bare_syscall(call.Execve, program, words, variables, 0, 0);
        }

        const int CannotExecute = 126;
        _ = LibC.bare_syscall(call.ExitGroup, CannotExecute, 0, 0, 0, 0);
        return 0;
    }

    private void Map(string map)
    {
        string path = string.Create(CultureInfo.InvariantCulture, $"/proc/{Id}/{map}");
        using FileDescriptor file = FileDescriptor.Open(path, OpenFlags.WriteOnly);
        Errno errno = file.WriteAll(System.Text.Encoding.ASCII.GetBytes(EveryUser));
        if (errno != Errno.None)
        {
            throw new LinuxException("write", errno, path);
        }
    }

    private readonly struct Numbers()
    {
        public readonly nint Clone = SystemCall.Named("clone").Number;
        public readonly nint Close = SystemCall.Named("close").Number;
        public readonly nint Read = SystemCall.Named("read").Number;
        public readonly nint Execve = SystemCall.Named("execve").Number;
        public readonly nint ExitGroup = SystemCall.Named("exit_group").Number;
    }
}
