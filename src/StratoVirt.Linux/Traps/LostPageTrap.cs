using System.Buffers.Binary;
using System.Runtime.InteropServices;
using StratoVirt.Linux.Abi;

namespace StratoVirt.Linux.Traps;

/// <summary>
/// Keeps the process alive when it touches a page that a mapped file has lost: others may cut a file at any moment, and a
/// page behind its end answers with SIGBUS. The handler puts a zeroed page of memory in its place and lets the thread go
/// on. Whatever else raises SIGBUS goes where it went before.
/// </summary>
/// <remarks>A bad page of the host's RAM (BUS_MCEERR_AR) is no lost page: what it held must not become zeroes.</remarks>
public static class LostPageTrap
{
    private const int TableOffset = 0x0c;
    private const int EarlierOffset = 0x6d;

    // In the C calling convention: rsi is siginfo_t, with si_code at 8 (BUS_ADRERR is 2) and si_addr at 0x10. The call is
    // mmap (9), which every filter lets pass when nothing is executable. Where nobody handled the signal before, the
    // address is read once more: with SIGBUS blocked, as it is in here, the kernel ends the process by it.
    private static ReadOnlySpan<byte> Handler =>
    [
        0x83, 0x7e, 0x08, 0x02,                                     // cmp dword [rsi+8], BUS_ADRERR
        0x75, 0x65,                                                 // jne pass
        0x48, 0x8b, 0x46, 0x10,                                     // mov rax, [rsi+0x10]
        0x48, 0xb9, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, // mov rcx, table
        0x4c, 0x8b, 0x01,                                           // mov r8, [rcx]: how many entries follow
        0x49, 0x83, 0xe8, 0x01,                                     // next: sub r8, 1
        0x72, 0x4e,                                                 // jb pass
        0x48, 0x83, 0xc1, 0x18,                                     // add rcx, 24
        0x48, 0x3b, 0x41, 0xf0,                                     // cmp rax, [rcx-16]
        0x72, 0xf0,                                                 // jb next
        0x48, 0x3b, 0x41, 0xf8,                                     // cmp rax, [rcx-8]
        0x73, 0xea,                                                 // jae next
        0x48, 0xc7, 0x01, 0x01, 0x00, 0x00, 0x00,                   // mov qword [rcx], 1
        0x57, 0x56, 0x52,                                           // push rdi; push rsi; push rdx
        0x48, 0x89, 0xc7,                                           // mov rdi, rax
        0x48, 0x81, 0xe7, 0x00, 0xf0, 0xff, 0xff,                   // and rdi, -4096
        0xbe, 0x00, 0x10, 0x00, 0x00,                               // mov esi, 4096
        0xba, 0x03, 0x00, 0x00, 0x00,                               // mov edx, PROT_READ | PROT_WRITE
        0x41, 0xba, 0x32, 0x40, 0x00, 0x00,                         // mov r10d, MAP_FIXED | _PRIVATE | _ANONYMOUS | _NORESERVE
        0x49, 0x83, 0xc8, 0xff,                                     // or r8, -1
        0x45, 0x31, 0xc9,                                           // xor r9d, r9d
        0xb8, 0x09, 0x00, 0x00, 0x00, 0x0f, 0x05,                   // mmap(rdi, esi, edx, r10, r8, r9)
        0x5a, 0x5e, 0x5f,                                           // pop rdx; pop rsi; pop rdi
        0x48, 0x3d, 0x00, 0xf0, 0xff, 0xff,                         // cmp rax, -4096
        0x77, 0x01,                                                 // ja pass: an errno
        0xc3,                                                       // ret
        0x48, 0xb8, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, // pass: mov rax, earlier
        0x48, 0x85, 0xc0,                                           // test rax, rax
        0x74, 0x02,                                                 // jz end
        0xff, 0xe0,                                                 // jmp rax
        0x48, 0x8b, 0x46, 0x10,                                     // end: mov rax, [rsi+0x10]
        0x8a, 0x00,                                                 // mov al, [rax]
        0xf4,                                                       // hlt: it was no fault
    ];

    private static readonly Lock Gate = new();
    private static LostPageTable? _table;

    /// <summary>Whether there is a handler for this architecture. Where not, a lost page ends the process.</summary>
    public static bool IsSupported => RuntimeInformation.ProcessArchitecture == Architecture.X64;

    /// <summary>Handles SIGBUS from now on, for good. Guarding a mapping does so too; a process that gives up making
    /// memory executable arms it before.</summary>
    /// <exception cref="LinuxException">The kernel refused.</exception>
    public static void Arm()
    {
        lock (Gate)
        {
            if (_table is not null || !IsSupported)
            {
                return;
            }

            if (LibC.get_sigaction(LibC.SIGBUS, 0, out sigaction action) < 0)
            {
                throw LinuxException.Last("sigaction");
            }

            bool isHandled = action.sa_sigaction is not (LibC.SIG_DFL or LibC.SIG_IGN);
            var table = new LostPageTable();
            action.sa_sigaction = Place(table.Address, isHandled ? action.sa_sigaction : 0);
            action.sa_flags |= LibC.SA_SIGINFO;
            if (!isHandled)
            {
                action.sa_mask.KernelPart = ulong.MaxValue;
            }

            if (LibC.set_sigaction(LibC.SIGBUS, in action, 0) < 0)
            {
                throw LinuxException.Last("sigaction");
            }

            _table = table;
        }
    }

    /// <summary>Guards a mapping until it is forgotten.</summary>
    /// <exception cref="LinuxException">The kernel refused, or too many are guarded.</exception>
    internal static void Guard(nint address, nuint length)
    {
        Arm();
        lock (Gate)
        {
            _table?.Add((ulong)address, (ulong)address + length);
        }
    }

    /// <summary>Guards a mapping no more; to be called before it goes.</summary>
    internal static void Forget(nint address)
    {
        lock (Gate)
        {
            _table?.Remove((ulong)address);
        }
    }

    /// <summary>Whether a page of a guarded mapping has been replaced.</summary>
    internal static bool HasLost(nint address)
    {
        lock (Gate)
        {
            return _table?.HasLost((ulong)address) == true;
        }
    }

    private static nint Place(nint table, nint earlier)
    {
        byte[] code = Handler.ToArray();
        BinaryPrimitives.WriteInt64LittleEndian(code.AsSpan(TableOffset), table);
        BinaryPrimitives.WriteInt64LittleEndian(code.AsSpan(EarlierOffset), earlier);
        return HandlerPage.Place(code);
    }
}
