using System.Text;
using StratoVirt.Definitions;
using StratoVirt.Machine.Lifecycle;

namespace StratoVirt.Machine.Tests.Native;

/// <summary>A running built-in guest and the conversation with it.</summary>
internal sealed class GuestSession : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);
    private readonly StringBuilder _seen = new();
    private string _unread = string.Empty;
    private long _position;

    public GuestSession(string name = "test", int cpus = 1, bool acpi = true, bool start = true)
        : this(VirtualMachine.Create(Definition(name, cpus, acpi), new MachineEnvironment()), start)
    {
    }

    public GuestSession(VirtualMachine machine, bool start = true)
    {
        Machine = machine;
        if (start)
        {
            Machine.Start();
        }
    }

    public VirtualMachine Machine { get; }

    public static VmDefinition Definition(string name, int cpus = 1, bool acpi = true) => new()
    {
        Metadata = new VmMetadata { Name = name },
        Spec = new VmSpec { Cpus = cpus, Memory = ByteSize.FromMebibytes(32), Acpi = acpi, Boot = new BootSpec { BuiltIn = true } },
    };

    /// <summary>Reads on until the text has appeared behind what the last call found; returns all up to its end.</summary>
    public string Expect(string text)
    {
        var buffer = new byte[4096];
        long deadline = Environment.TickCount64 + (long)Patience.TotalMilliseconds;
        int found;
        while ((found = _unread.IndexOf(text, StringComparison.Ordinal)) < 0)
        {
            TimeSpan left = TimeSpan.FromMilliseconds(Math.Max(0, deadline - Environment.TickCount64));
            if (!Machine.Console.WaitForOutput(_position, left, CancellationToken.None))
            {
                throw new TimeoutException($"'{text}' was not printed. State {Machine.Status}. Console:\n{_seen}[{_unread}]");
            }

            int read = Machine.Console.Read(ref _position, buffer);
            _unread += Encoding.UTF8.GetString(buffer, 0, read);
        }

        string taken = _unread[..(found + text.Length)];
        _unread = _unread[taken.Length..];
        _seen.Append(taken);
        return taken;
    }

    public void Type(string line) =>
        Assert.Equal(line.Length + 1, Machine.Console.Send(Encoding.UTF8.GetBytes(line + "\r"), Patience, CancellationToken.None));

    public MachineStatus WaitFor(RunState state) =>
        Machine.WaitFor(status => status.State == state, Patience)
            ?? throw new TimeoutException($"The machine did not become {state}; it is {Machine.Status}. Console:\n{_seen}[{_unread}]");

    public void Dispose() => Machine.Dispose();
}
