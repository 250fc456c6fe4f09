using System.Globalization;
using System.Runtime.ExceptionServices;
using System.Runtime.InteropServices;
using System.Text;
using StratoVirt.Linux.Containment;

namespace StratoVirt.Host.Tests.Containment;

/// <summary>
/// Plays a guest that has got code of its own to run in a thread of its host: takes the thread over as a debugger does,
/// has it make one system call and lets it go. The host is the very program that is shipped, with no hook in it.
/// </summary>
internal static class Intruder
{
    private const int Seize = 0x4206;
    private const int Interrupt = 0x4207;
    private const int GetRegisters = 12;
    private const int SetRegisters = 13;
    private const int Poke = 5;
    private const int Detach = 17;
    private const int AnyThread = 0x40000000;

    // struct user_regs_struct of x86_64.
    private const int Rax = 10;
    private const int OriginalRax = 15;
    private const int Rip = 16;
    private const int Rsp = 19;

    // rdi, rsi, rdx, r10, r8, r9.
    private static readonly int[] ArgumentRegisters = [14, 13, 12, 7, 9, 8];

    /// <summary>Makes a call in a thread.</summary>
    /// <param name="process">The process.</param>
    /// <param name="thread">How the thread's name begins.</param>
    /// <param name="call">The call.</param>
    /// <param name="arguments">Numbers, and strings that are put on the thread's stack.</param>
    internal static void Call(int process, string thread, string call, params object[] arguments)
    {
        // The kernel knows a debugger by its thread.
        ExceptionDispatchInfo? failure = null;
        var debugger = new Thread(() =>
        {
            try
            {
                Inject(FindThread(process, thread), FindInstruction(process), call, arguments);
            }
            catch (Exception exception)
            {
                failure = ExceptionDispatchInfo.Capture(exception);
            }
        });
        debugger.Start();
        debugger.Join();
        failure?.Throw();
    }

    private static int FindThread(int process, string name) => int.Parse(
        Path.GetFileName(Directory.EnumerateDirectories($"/proc/{process}/task").First(task => IsNamed(task, name))),
        CultureInfo.InvariantCulture);

    private static bool IsNamed(string task, string name)
    {
        try
        {
            return File.ReadAllText(Path.Combine(task, "comm")).StartsWith(name, StringComparison.Ordinal);
        }
        catch (IOException)
        {
            // It has just ended, so it is another one that is looked for.
            return false;
        }
    }

    // Any "syscall" will do.
    private static ulong FindInstruction(int process)
    {
        foreach (string line in File.ReadLines($"/proc/{process}/maps").Where(line => line.Contains("r-xp", StringComparison.Ordinal)))
        {
            string[] range = line[..line.IndexOf(' ', StringComparison.Ordinal)].Split('-');
            ulong start = ulong.Parse(range[0], NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture);
            ulong end = ulong.Parse(range[1], NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture);
            using FileStream memory = File.OpenRead($"/proc/{process}/mem");
            byte[] code = new byte[Math.Min(end - start, 8 << 20)];
            memory.Position = (long)start;
            int length = memory.ReadAtLeast(code, code.Length, throwOnEndOfStream: false);
            int found = code.AsSpan(0, length).IndexOf([(byte)0x0f, (byte)0x05]);
            if (found >= 0)
            {
                return start + (ulong)found;
            }
        }

        throw new InvalidOperationException("The process has no system call in it.");
    }

    private static void Inject(int thread, ulong instruction, string call, object[] arguments)
    {
        Check(ptrace(Seize, thread, 0, 0), "seize");
        Check(ptrace(Interrupt, thread, 0, 0), "interrupt");
        Check(waitpid(thread, out _, AnyThread), "wait");
        ulong[] registers = new ulong[27];
        Check(ptrace(GetRegisters, thread, 0, registers), "read registers");
        ulong free = registers[Rsp] - 4096;
        for (int i = 0; i < arguments.Length; i++)
        {
            registers[ArgumentRegisters[i]] = arguments[i] is string text ? Put(thread, text, ref free) : Convert.ToUInt64(arguments[i], CultureInfo.InvariantCulture);
        }

        registers[Rax] = (ulong)SystemCall.Named(call).Number;
        registers[OriginalRax] = ulong.MaxValue;
        registers[Rip] = instruction;
        Check(ptrace(SetRegisters, thread, 0, registers), "write registers");
        Check(ptrace(Detach, thread, 0, 0), "detach");
    }

    private static ulong Put(int thread, string text, ref ulong free)
    {
        byte[] bytes = new byte[(Encoding.ASCII.GetByteCount(text) / 8 * 8) + 8];
        Encoding.ASCII.GetBytes(text, bytes);
        ulong place = free;
        foreach (ulong word in MemoryMarshal.Cast<byte, ulong>(bytes))
        {
            Check(ptrace(Poke, thread, (nint)free, (nint)word), "write memory");
            free += 8;
        }

        return place;
    }

    private static void Check(nint result, string what)
    {
        if (result < 0)
        {
            throw new InvalidOperationException($"Cannot {what}: error {Marshal.GetLastPInvokeError()}.");
        }
    }

    [DllImport("libc", SetLastError = true)]
    private static extern nint ptrace(nint request, nint thread, nint address, nint data);

    [DllImport("libc", SetLastError = true)]
    private static extern nint ptrace(nint request, nint thread, nint address, [In, Out] ulong[] data);

    [DllImport("libc", SetLastError = true)]
    private static extern int waitpid(int thread, out int status, int options);
}
