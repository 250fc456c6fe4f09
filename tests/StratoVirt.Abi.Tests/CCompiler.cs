using System.Diagnostics;
using System.Globalization;
using System.Text;

namespace StratoVirt.Abi.Tests;

/// <summary>Asks the machine's C compiler, with the machine's own headers, for the values of expressions.</summary>
internal static class CCompiler
{
    private static readonly string[] Headers =
    [
        "stdio.h", "asm/termbits.h", "stddef.h", "errno.h", "fcntl.h", "poll.h", "limits.h", "signal.h", "time.h", "unistd.h", "sys/epoll.h",
        "sys/eventfd.h", "sys/file.h", "sys/inotify.h", "sys/mman.h", "sys/socket.h", "sys/stat.h", "sys/syscall.h", "sys/timerfd.h",
        "sys/uio.h", "sys/un.h", "linux/fs.h", "linux/io_uring.h", "linux/kvm.h", "linux/if_tun.h", "linux/vhost.h", "net/if.h", "spawn.h", "sys/ioctl.h", "sys/wait.h",
        "malloc.h", "linux/audit.h", "linux/capability.h", "linux/filter.h", "linux/landlock.h", "linux/seccomp.h", "sched.h",
        "sys/mount.h", "sys/prctl.h", "sys/resource.h",
    ];

    private static readonly string? Compiler = (Environment.GetEnvironmentVariable("PATH") ?? string.Empty)
        .Split(':', StringSplitOptions.RemoveEmptyEntries)
        .SelectMany(directory => new[] { "cc", "gcc", "clang" }.Select(name => Path.Combine(directory, name)))
        .FirstOrDefault(File.Exists);

    internal static void SkipWithout() =>
        Assert.SkipWhen(Compiler is null, "no C compiler (cc, gcc or clang) in PATH: layouts were not compared");

    /// <summary>Evaluates constant expressions of C.</summary>
    internal static async Task<long[]> EvaluateAsync(IReadOnlyCollection<string> expressions, CancellationToken cancel)
    {
        DirectoryInfo directory = Directory.CreateTempSubdirectory("stratovirt-abi-");
        try
        {
            string source = Path.Combine(directory.FullName, "values.c");
            string program = Path.Combine(directory.FullName, "values");
            await File.WriteAllTextAsync(source, Program(expressions), cancel);
            await RunAsync(Compiler!, cancel, "-D_GNU_SOURCE", "-w", "-o", program, source);
            string output = await RunAsync(program, cancel);
            return
            [
                .. output.Split('\n', StringSplitOptions.RemoveEmptyEntries)
                    .Select(line => long.Parse(line, CultureInfo.InvariantCulture)),
            ];
        }
        finally
        {
            directory.Delete(recursive: true);
        }
    }

    private static string Program(IEnumerable<string> expressions)
    {
        var text = new StringBuilder();
        foreach (string header in Headers)
        {
            text.Append("#include <").Append(header).Append(">\n");
        }

        text.Append("int main(void)\n{\n");
        foreach (string expression in expressions)
        {
            text.Append("    printf(\"%lld\\n\", (long long)(").Append(expression).Append("));\n");
        }

        return text.Append("    return 0;\n}\n").ToString();
    }

    private static async Task<string> RunAsync(string file, CancellationToken cancel, params string[] arguments)
    {
        using var process = new Process
        {
            StartInfo = new ProcessStartInfo(file, arguments)
            {
                RedirectStandardOutput = true,
                RedirectStandardError = true,
            },
        };
        process.Start();
        Task<string> errors = process.StandardError.ReadToEndAsync(cancel);
        string output = await process.StandardOutput.ReadToEndAsync(cancel);
        await process.WaitForExitAsync(cancel);
        Assert.True(process.ExitCode == 0, $"{file} ended with {process.ExitCode}: {await errors}");
        return output;
    }
}
