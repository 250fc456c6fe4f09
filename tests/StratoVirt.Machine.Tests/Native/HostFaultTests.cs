using System.Diagnostics;
using System.Globalization;
using StratoVirt.Definitions;
using StratoVirt.Definitions.Devices;
using StratoVirt.Machine.Lifecycle;

namespace StratoVirt.Machine.Tests.Native;

/// <summary>What is behind a device goes, while a guest runs that has no driver for it: the operator is told at once, and
/// the machine lives.</summary>
public sealed class HostFaultTests : IDisposable
{
    private const string Prompt = "hello> ";
    private const long FileBytes = 4 << 20;
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    private readonly DirectoryInfo _directory = Directory.CreateTempSubdirectory("stratovirt-faults-");

    public void Dispose() => _directory.Delete(recursive: true);

    [KvmFact]
    public void A_file_of_persistent_memory_is_cut()
    {
        string path = Path.Combine(_directory.FullName, "memory");
        Cut(path, FileBytes);
        VmDefinition definition = GuestSession.Definition("cut");
        Expect(
            definition.Spec with { PersistentMemory = [new PersistentMemorySpec { Name = "file", Path = path }] },
            "file",
            "cut to 4096 bytes",
            () => Cut(path, 4096));
    }

    [KvmFact]
    public void The_program_of_a_share_is_killed() => Expect(
        GuestSession.Definition("share").Spec with { Shares = [new ShareSpec { Name = "share", Path = _directory.FullName }] },
        "share",
        "virtiofsd",
        () => Kill("virtiofsd"));

    [KvmFact]
    public void The_program_of_a_network_card_is_killed() => Expect(
        GuestSession.Definition("card").Spec with { Networks = [new NetworkSpec { Name = "card", User = true }] },
        "card",
        "passt has",
        () => Kill("passt"));

    private static void Expect(VmSpec spec, string device, string reason, Action fail)
    {
        using var guest = new GuestSession(CreateOrSkip(spec), start: false);
        using var told = new ManualResetEventSlim();
        DeviceFailed? failed = null;
        guest.Machine.EventOccurred += happening =>
        {
            if (happening is DeviceFailed one)
            {
                failed = one;
                told.Set();
            }
        };
        guest.Machine.Start();
        guest.Expect(Prompt);
        string? before = Assert.Single(guest.Machine.Devices).Fault;
        Assert.SkipWhen(before is not null, $"It does not work on this host to begin with: {before}");
        fail();
        Assert.True(told.Wait(Patience, TestContext.Current.CancellationToken));
        Assert.Equal(device, failed?.Device);
        Assert.Contains(reason, failed?.Reason, StringComparison.Ordinal);
        Assert.Contains(reason, Assert.Single(guest.Machine.Devices).Fault, StringComparison.Ordinal);
        Assert.Equal(RunState.Running, guest.Machine.Status.State);
        guest.Type("alive");
        guest.Expect("you said: alive");
    }

    private static VirtualMachine CreateOrSkip(VmSpec spec)
    {
        try
        {
            return VirtualMachine.Create(
                new VmDefinition { Metadata = new VmMetadata { Name = "faults" }, Spec = spec }, new MachineEnvironment());
        }
        catch (MachineException missing) when (missing.Id is MachineErrorId.DeviceMissing or MachineErrorId.DevicePermission)
        {
            Assert.Skip($"{missing.Message} {missing.RecommendedAction}");
            throw;
        }
    }

    private static void Cut(string path, long length)
    {
        using FileStream file = File.OpenWrite(path);
        file.SetLength(length);
    }

    private static void Kill(string program)
    {
        // The name may go on: passt.avx2.
        foreach (Process process in Process.GetProcesses())
        {
            using (process)
            {
                if (process.ProcessName.StartsWith(program, StringComparison.Ordinal) && ParentOf(process.Id) == Environment.ProcessId)
                {
                    process.Kill(entireProcessTree: true);
                }
            }
        }
    }

    // proc(5): the fourth word of stat, of which the second is the name in parentheses.
    private static int ParentOf(int process)
    {
        try
        {
            string[] words = File.ReadAllText($"/proc/{process}/stat").Split(')')[^1].Split(' ', StringSplitOptions.RemoveEmptyEntries);
            return int.Parse(words[1], CultureInfo.InvariantCulture);
        }
        catch (IOException)
        {
            return 0;
        }
    }
}
