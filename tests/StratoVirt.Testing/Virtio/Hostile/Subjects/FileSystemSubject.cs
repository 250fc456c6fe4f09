using StratoVirt.Backends.Io;
using StratoVirt.Devices.Virtio;
using StratoVirt.Devices.Virtio.FileSystem;
using StratoVirt.Testing.VhostUser;

namespace StratoVirt.Testing.Virtio.Hostile.Subjects;

/// <summary>A file system device whose process answers the protocol, or dies in the middle of it; it serves nothing.</summary>
public sealed class FileSystemSubject : DeviceSubject
{
    private FakeVhostUserBackend _backend = null!;
    private bool _isDead;

    /// <inheritdoc/>
    public override bool HasEnded => _isDead;

    /// <inheritdoc/>
    public override int ProbeQueue => -1;

    /// <inheritdoc/>
    public override bool NeedsSharedMemory => true;

    /// <inheritdoc/>
    public override bool TryCompose(int queue, ulong features, RequestPlan plan, ref Choices choices)
    {
        plan.With(Nonsense(40 + choices.Below(100), ref choices)).With(Memory.Writable(16 + choices.Below(100)));
        return true;
    }

    /// <inheritdoc/>
    public override string? Judge(int queue, RequestPlan plan, uint written) => "a request was answered that nobody serves";

    /// <inheritdoc/>
    public override void Act(ref Choices choices)
    {
        switch (choices.Below(64))
        {
            case 0:
                _isDead = true;
                _backend.Die();
                break;
            case < 8:
                _backend.Position = (uint)choices.Below(4);
                break;
            default:
                break;
        }
    }

    /// <inheritdoc/>
    protected override VirtioDevice Make(IoThread thread)
    {
        _isDead = false;
        _backend = new FakeVhostUserBackend();
        return new FileSystemDevice(new FileSystemConfiguration { Tag = "share" }, _backend, Memory.Memory, thread);
    }
}
