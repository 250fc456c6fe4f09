using System.Runtime.InteropServices;
using StratoVirt.Definitions;
using StratoVirt.Machine.Detached;
using StratoVirt.Machine.Runtime;

namespace StratoVirt.Host.Tests.Native;

/// <summary>The built-in guest in a host process of its own, in a runtime directory of its own.</summary>
internal sealed class HostedGuest : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);
    private readonly string _parent = Directory.CreateTempSubdirectory("stratovirt-host-").FullName;

    public HostedGuest(string name = "web")
    {
        Order = new HostOrder
        {
            Definition = new VmDefinition
            {
                Metadata = new VmMetadata { Name = name },
                Spec = new VmSpec { Memory = ByteSize.FromMebibytes(32), Boot = new BootSpec { BuiltIn = true } },
            },
            BaseDirectory = _parent,
            RuntimeRoot = Path.Combine(_parent, "run"),
            StoreHome = "/srv/store",
        };
        Runtime = new RuntimeDirectory(Order.RuntimeRoot);
    }

    public HostOrder Order { get; set; }

    public RuntimeDirectory Runtime { get; }

    public string Name => Order.Definition.Metadata.Name;

    public DetachedHost? Process { get; private set; }

    public DetachedHost Start(CancellationToken cancellationToken = default) =>
        Process = DetachedHost.Start(HostFactAttribute.Program, Order, kernelCache: null, cancellationToken);

    public string HostLog => Read(Runtime.HostLogPath(Name));

    /// <summary>Waits until the guest has printed a text.</summary>
    public void Expect(string text) => Await(() => Read(Runtime.ConsoleLogPath(Name)).Contains(text, StringComparison.Ordinal), text);

    public void Signal(int signal) => Assert.Equal(0, Kill(Process!.ProcessId, signal));

    /// <summary>Waits until the process has ended.</summary>
    public void AwaitEnd() => Await(() => Process!.HasEnded, "the end of the process");

    public void Await(Func<bool> condition, string what) =>
        Assert.True(SpinWait.SpinUntil(condition, Patience), $"{what} did not come. Host's log:\n{HostLog}");

    public void Dispose()
    {
        Process?.Dispose();
        Directory.Delete(_parent, recursive: true);
    }

    private static string Read(string path)
    {
        try
        {
            using var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
            using var reader = new StreamReader(file);
            return reader.ReadToEnd();
        }
        catch (Exception missing) when (missing is FileNotFoundException or DirectoryNotFoundException)
        {
            return string.Empty;
        }
    }

    [DllImport("libc", EntryPoint = "kill")]
    internal static extern int Kill(int process, int signal);
}
