using System.Globalization;
using StratoVirt.Control;
using StratoVirt.Definitions.Devices;
using StratoVirt.Definitions.Json;
using StratoVirt.Host.Tests.Native;
using StratoVirt.Machine;
using StratoVirt.Machine.Lifecycle;
using StratoVirt.Qmp.Commands;
using StratoVirt.Qmp.Vendor;

namespace StratoVirt.Host.Tests.Containment;

/// <summary>A machine in a jail, looked at from the host.</summary>
public sealed class JailTests
{
    private const string Prompt = "hello> ";
    private const int Terminate = 15;
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private static readonly string[] Namespaces = ["mnt", "pid", "net", "ipc", "uts", "user", "cgroup"];

    [HostFact]
    public void AJailedMachineRunsInAnEmptyRoomOfItsOwn()
    {
        SkipUnlessRoot();
        using var guest = new HostedGuest("jailed");
        string disk = Path.Combine(guest.Order.BaseDirectory, "disk.img");
        using (FileStream file = File.Create(disk))
        {
            file.SetLength(1 << 20);
        }

        guest.Order = guest.Order with { Jailed = true, Definition = WithDevices(guest, new DiskSpec { Name = "disk", Path = disk }) };
        guest.Start();
        guest.Expect(Prompt);
        int process = guest.Runtime.Inspect(guest.Name)!.ProcessId;
        Assert.All(Namespaces, name => Assert.NotEqual(
            new FileInfo($"/proc/self/ns/{name}").LinkTarget, new FileInfo($"/proc/{process}/ns/{name}").LinkTarget));
        Assert.All(Directory.GetDirectories($"/proc/{process}/task"), task => AssertPowerless(File.ReadAllLines($"{task}/status")));
        Assert.Equal(
            ["dev", "stratovirt", disk.Split('/')[1]],
            Directory.GetFileSystemEntries($"/proc/{process}/root").Select(Path.GetFileName).Order(StringComparer.Ordinal));
        Assert.Equal(["kvm", "urandom"], Directory.GetFileSystemEntries($"/proc/{process}/root/dev").Select(Path.GetFileName).Order(StringComparer.Ordinal));

        Assert.Equal(0, HostedGuest.Kill(process, Terminate));
        guest.Await(() => guest.Runtime.Inspect(guest.Name) is null, "the end of the machine");
        Assert.Equal(ShutdownCause.GuestShutdown, guest.Runtime.FindEnd(guest.Name)!.Cause);
    }

    /// <summary>What is opened for it outside leaves no trace in its definition: who compares that with documents would
    /// see a change. Its own mappings it does not see, and says so.</summary>
    [HostFact]
    public void AJailedMachineIsDefinedAsItWasOrderedAndKnowsNotItsMemory()
    {
        SkipUnlessRoot();
        Assert.SkipUnless(File.Exists("/dev/net/tun"), "there is no /dev/net/tun");
        using var guest = new HostedGuest("jailed");
        var card = new NetworkSpec { Name = "net", Tap = $"svj{Environment.ProcessId}" };
        guest.Order = guest.Order with { Jailed = true, Definition = WithDevices(guest, card) };
        guest.Start();
        using (var client = ControlClient.Connect(guest.Runtime.ControlSocketPath(guest.Name), Patience))
        {
            string definition = client.Execute(VendorCommands.Definition, QmpNothing.Instance, Patience).GetRawText();
            Assert.Equal(guest.Order.Definition, DefinitionJson.Deserialize(definition));
            VendorMetrics metrics = client.Execute(VendorCommands.Metrics, QmpNothing.Instance, Patience);
            Assert.Equal((guest.Order.Definition.Spec.Memory.Bytes, null, null), (metrics.GuestMemory, metrics.GuestResident, metrics.ProcessResident));
        }

        Assert.Equal(0, HostedGuest.Kill(guest.Runtime.Inspect(guest.Name)!.ProcessId, Terminate));
        guest.Await(() => guest.Runtime.Inspect(guest.Name) is null, "the end of the machine");
    }

    [HostFact]
    public void AViolationInAJailIsNamedToo()
    {
        SkipUnlessRoot();
        using var guest = new HostedGuest("jailed");
        guest.Order = guest.Order with { Jailed = true };
        guest.Start();
        guest.Expect(Prompt);
        Intruder.Call(guest.Runtime.Inspect(guest.Name)!.ProcessId, "vcpu0", "execve", "/stratovirt", 0, 0);
        guest.Await(() => guest.Runtime.Inspect(guest.Name) is null, "the end of the machine");
        Assert.Contains("'execve'", guest.Runtime.FindEnd(guest.Name)!.Problem, StringComparison.Ordinal);
    }

    [HostFact]
    public void WhatNeedsAProgramOfTheHostIsRefused()
    {
        SkipUnlessRoot();
        using var guest = new HostedGuest("jailed");
        guest.Order = guest.Order with
        {
            Jailed = true,
            Definition = WithDevices(guest, new NetworkSpec { Name = "net", User = true }),
        };
        MachineException refused = Assert.Throws<MachineException>(() => guest.Start());
        Assert.Equal(MachineErrorId.JailUnsuitable, refused.Id);
        Assert.Contains("passt", refused.Message, StringComparison.Ordinal);
        Assert.Null(guest.Runtime.Inspect(guest.Name));
    }

    private static Definitions.VmDefinition WithDevices(HostedGuest guest, DeviceSpec device)
    {
        Definitions.VmDefinition definition = guest.Order.Definition;
        return definition with
        {
            Spec = definition.Spec with
            {
                Disks = device is DiskSpec disk ? [disk] : [],
                Networks = device is NetworkSpec network ? [network] : [],
            },
        };
    }

    private static void AssertPowerless(string[] status)
    {
        uint[] users = [.. Field(status, "Uid").Split('\t').Select(user => uint.Parse(user, CultureInfo.InvariantCulture))];
        Assert.All(users, user => Assert.InRange(user, 0x6000_0000u, 0x6fff_ffffu));
        Assert.All((string[])["CapPrm", "CapEff", "CapInh", "CapAmb", "CapBnd"], set => Assert.Equal("0000000000000000", Field(status, set)));
        Assert.Equal(("1", "2"), (Field(status, "NoNewPrivs"), Field(status, "Seccomp")));
    }

    private static string Field(string[] status, string name) =>
        status.First(line => line.StartsWith($"{name}:", StringComparison.Ordinal))[(name.Length + 1)..].Trim();

    private static void SkipUnlessRoot() => Assert.SkipUnless(Environment.IsPrivilegedProcess, "only root can make a jail");
}
