using System.Diagnostics;

namespace StratoVirt.Guests.Tests;

/// <summary>Boots the guest as another VMM does, so that it is right by the boot ABI and not only by our loader.</summary>
public sealed class QemuTests
{
    private const string Qemu = "/usr/bin/qemu-system-x86_64";

    [Theory]
    [InlineData("1", "32", "1 (ACPI MADT)", "32 MiB", "on")]
    [InlineData("3", "64", "3 (ACPI MADT)", "64 MiB", "on")]
    [InlineData("2", "64", "2 (MP table)", "64 MiB", "off")]
    public async Task Hello_greets_answers_and_powers_off(string cpus, string memory, string foundCpus, string foundMemory, string acpi)
    {
        string output = await RunAsync(cpus, memory, acpi, acpi == "on" ? "hi\rpoweroff\n" : "hi\rfault\n");
        Assert.Contains($"cpus        {foundCpus}", output, StringComparison.Ordinal);
        Assert.Contains($"memory      {foundMemory} in ", output, StringComparison.Ordinal);
        Assert.Contains("hello> hi\r\nyou said: hi\r\n", output, StringComparison.Ordinal);
    }

    private static async Task<string> RunAsync(string cpus, string memory, string acpi, string input)
    {
        Assert.SkipUnless(File.Exists(Qemu), $"{Qemu} is not installed.");
        string image = Path.GetTempFileName();
        using var timeout = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        timeout.CancelAfter(TimeSpan.FromSeconds(60));
        try
        {
            await File.WriteAllBytesAsync(image, HelloGuest.Assemble(), timeout.Token);
            using var qemu = new Process();
            qemu.StartInfo = new ProcessStartInfo(Qemu)
            {
                RedirectStandardInput = true, RedirectStandardOutput = true,
                ArgumentList =
                {
                    "-M", $"microvm,acpi={acpi}", "-accel", "tcg", "-m", memory, "-smp", cpus, "-kernel", image,
                    "-nodefaults", "-no-user-config", "-display", "none", "-serial", "stdio", "-no-reboot",
                },
            };
            qemu.Start();
            try
            {
                // The chip has 16 bytes of room: typing waits for the prompt, as a person does.
                var output = new System.Text.StringBuilder();
                var buffer = new char[256];
                bool typed = false;
                int read;
                while ((read = await qemu.StandardOutput.ReadAsync(buffer, timeout.Token)) > 0)
                {
                    output.Append(buffer, 0, read);
                    if (!typed && output.ToString().Contains("hello> ", StringComparison.Ordinal))
                    {
                        typed = true;
                        await qemu.StandardInput.WriteAsync(input.AsMemory(), timeout.Token);
                        await qemu.StandardInput.FlushAsync(timeout.Token);
                    }
                }

                await qemu.WaitForExitAsync(timeout.Token);
                Assert.Equal(0, qemu.ExitCode);
                return output.ToString();
            }
            finally
            {
                if (!qemu.HasExited)
                {
                    qemu.Kill();
                }
            }
        }
        finally
        {
            File.Delete(image);
        }
    }
}
