using System.Buffers.Binary;
using System.Runtime.InteropServices;
using StratoVirt.Linux.Abi;
using StratoVirt.Linux.Handles;
using StratoVirt.Linux.Traps;

namespace StratoVirt.Linux.Containment;

/// <summary>
/// Ends this process when a filter traps a system call, after writing down which it was. The handler of SIGSYS needs no
/// other thread and no runtime (<see cref="HandlerPage"/>). Whoever gets rid of it gains nothing: a trapped call is never
/// made, and without the handler SIGSYS ends the process all the same.
/// </summary>
/// <remarks>
/// Two calls are answered instead, both of them the .NET collector's, on whichever thread starts a collection. It looks
/// for the host's memory in /proc and /sys: a thread that may open nothing is told there is no such file; the call is not
/// made. And it sleeps for microseconds between the signals with which it stops the other threads. They queue: told to go
/// on at once it would send them faster than a thread on a slow host can take them, and wait for that thread for ever. So
/// clock_nanosleep(2) is waited for, on a futex that nobody wakes, which every thread may do.
/// </remarks>
public static class ViolationTrap
{
    /// <summary>The status of a process that ended here, by SIGSYS, as a shell shows it.</summary>
    public const int ExitStatus = 128 + LibC.SIGSYS;

    /// <summary>The mark of a filter's rule for a call that is answered here.</summary>
    public const ushort AnsweredMark = ushort.MaxValue;

    private const int DescriptorOffset = 0x7d;

    // In the C calling convention: rsi is siginfo_t, with si_syscall at 0x18; rdx is ucontext_t, with the call's second
    // argument at 0x70, its third at 0x88 and what it returns at 0x90. The calls are clock_nanosleep (230), futex (202),
    // openat (257) and write (1). At the end a call is made that no filter lets pass: with SIGSYS blocked, as it is in
    // here, the kernel ends the process by it.
    private static ReadOnlySpan<byte> Handler =>
    [
        0x81, 0x7e, 0x18, 0xe6, 0x00, 0x00, 0x00,                         // cmp dword [rsi+0x18], 230
        0x75, 0x2a,                                                       // jne file
        0x6a, 0x00,                                                       // push 0: the futex
        0x4c, 0x8b, 0x92, 0x88, 0x00, 0x00, 0x00,                         // mov r10, [rdx+0x88]: the time
        0x49, 0x89, 0xd1,                                                 // mov r9, rdx
        0x48, 0x89, 0xe7,                                                 // mov rdi, rsp
        0xbe, 0x80, 0x00, 0x00, 0x00,                                     // mov esi, FUTEX_WAIT | FUTEX_PRIVATE_FLAG
        0x31, 0xd2,                                                       // xor edx, edx: while it is 0
        0xb8, 0xca, 0x00, 0x00, 0x00, 0x0f, 0x05,                         // futex(rdi, esi, edx, r10)
        0x49, 0xc7, 0x81, 0x90, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, // mov qword [r9+0x90], 0
        0x58,                                                             // pop rax
        0xc3,                                                             // ret
        0x81, 0x7e, 0x18, 0x01, 0x01, 0x00, 0x00,                         // file: cmp dword [rsi+0x18], 257
        0x75, 0x40,                                                       // jne report
        0x48, 0x8b, 0x42, 0x70,                                           // mov rax, [rdx+0x70]
        0x48, 0x8b, 0x00,                                                 // mov rax, [rax]
        0x48, 0xb9, 0x2f, 0x70, 0x72, 0x6f, 0x63, 0x2f, 0x6d, 0x65,       // mov rcx, "/proc/me"
        0x48, 0x39, 0xc8,                                                 // cmp rax, rcx
        0x74, 0x1e,                                                       // je answer
        0x48, 0xb9, 0x2f, 0x70, 0x72, 0x6f, 0x63, 0x2f, 0x73, 0x65,       // mov rcx, "/proc/se"
        0x48, 0x39, 0xc8,                                                 // cmp rax, rcx
        0x74, 0x0f,                                                       // je answer
        0x48, 0xb9, 0x2f, 0x73, 0x79, 0x73, 0x2f, 0x66, 0x73, 0x2f,       // mov rcx, "/sys/fs/"
        0x48, 0x39, 0xc8,                                                 // cmp rax, rcx
        0x75, 0x0c,                                                       // jne report
        0x48, 0xc7, 0x82, 0x90, 0x00, 0x00, 0x00, 0xfe, 0xff, 0xff, 0xff, // answer: mov qword [rdx+0x90], -2 (ENOENT)
        0xc3,                                                             // ret
        0xbf, 0x00, 0x00, 0x00, 0x00,                                     // report: mov edi, descriptor
        0xba, 0x30, 0x00, 0x00, 0x00,                                     // mov edx, 48
        0xb8, 0x01, 0x00, 0x00, 0x00, 0x0f, 0x05,                         // write(descriptor, siginfo, 48)
        0x83, 0xc8, 0xff, 0x0f, 0x05,                                     // or eax, -1; a call that nobody may make
        0x0f, 0x0b,                                                       // ud2
    ];

    /// <summary>Whether there is a handler for this architecture. Where not, let filters end the process themselves.</summary>
    public static bool IsSupported => RuntimeInformation.ProcessArchitecture == Architecture.X64;

    /// <summary>Handles SIGSYS from now on, for good.</summary>
    /// <param name="record">Where the <see cref="ContainmentViolation.Length"/> bytes of a record are to be written; it
    /// must stay open, and filters must let write(2) on it pass and trap what they do not know.</param>
    /// <exception cref="LinuxException">The kernel refused.</exception>
    /// <exception cref="PlatformNotSupportedException">There is no handler for this architecture.</exception>
    public static void Arm(FileDescriptor record)
    {
        ArgumentNullException.ThrowIfNull(record);
        if (!IsSupported)
        {
            throw new PlatformNotSupportedException("Trapped system calls can be told by name on x86_64 alone.");
        }

        var action = new sigaction { sa_sigaction = Place(record.Number), sa_flags = LibC.SA_SIGINFO };
        action.sa_mask.KernelPart = ulong.MaxValue;
        if (LibC.set_sigaction(LibC.SIGSYS, in action, 0) < 0)
        {
            throw LinuxException.Last("sigaction");
        }
    }

    private static nint Place(int descriptor)
    {
        byte[] code = Handler.ToArray();
        BinaryPrimitives.WriteInt32LittleEndian(code.AsSpan(DescriptorOffset), descriptor);
        return HandlerPage.Place(code);
    }
}
