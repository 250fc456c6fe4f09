namespace StratoVirt.Kvm;

/// <summary>A request of the guest about the whole machine.</summary>
public readonly ref struct SystemEventExit
{
    internal SystemEventExit(SystemEventType type, ReadOnlySpan<ulong> data)
    {
        Type = type;
        Data = data;
    }

    /// <summary>What it asks for.</summary>
    public SystemEventType Type { get; }

    /// <summary>Details the architecture defines; often none.</summary>
    public ReadOnlySpan<ulong> Data { get; }
}
