using System.Runtime.InteropServices;

namespace StratoVirt.Linux;

/// <summary>A system call failed. Says which, on what, and keeps the error number.</summary>
public sealed class LinuxException : IOException
{
    /// <summary>Creates the exception for a failed call.</summary>
    /// <param name="operation">The call as the manual pages name it, for example <c>mmap</c> or <c>KVM_CREATE_VM</c>.</param>
    /// <param name="errno">The error number the call left.</param>
    /// <param name="target">The path or object it was made on, if any.</param>
    public LinuxException(string operation, Errno errno, string? target = null)
        : base(Describe(operation, errno, target))
    {
        Operation = operation;
        Errno = errno;
        Target = target;
    }

    /// <summary>The call that failed.</summary>
    public string Operation { get; }

    /// <summary>The error number it left.</summary>
    public Errno Errno { get; }

    /// <summary>The path or object it was made on, or null.</summary>
    public string? Target { get; }

    /// <summary>The exception for the call that has just failed on this thread.</summary>
    public static LinuxException Last(string operation, string? target = null) =>
        new(operation, LastErrno, target);

    /// <summary>The error number the last marshalled call left on this thread.</summary>
    public static Errno LastErrno => (Errno)Marshal.GetLastPInvokeError();

    private static string Describe(string operation, Errno errno, string? target)
    {
        string reason = Marshal.GetPInvokeErrorMessage((int)errno);
        return target is null
            ? $"{operation} failed: {reason} (errno {(int)errno})."
            : $"{operation} failed on '{target}': {reason} (errno {(int)errno}).";
    }
}
