using StratoVirt.Linux.Threads;

namespace StratoVirt.Host.Containment;

/// <summary>A set of <see cref="ThreadRole"/>s.</summary>
[Flags]
internal enum ThreadRoles
{
    None = 0,
    Control = 1 << ThreadRole.Control,
    Vcpu = 1 << ThreadRole.Vcpu,
    Io = 1 << ThreadRole.Io,
    Worker = 1 << ThreadRole.Worker,
    Log = 1 << ThreadRole.Log,
    Runtime = 1 << ThreadRole.Runtime,
    All = Control | Vcpu | Io | Worker | Log | Runtime,
}
