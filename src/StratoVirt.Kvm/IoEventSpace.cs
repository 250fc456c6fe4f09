namespace StratoVirt.Kvm;

/// <summary>The address space an ioeventfd listens in.</summary>
public enum IoEventSpace
{
    /// <summary>Guest physical addresses.</summary>
    Mmio,
    /// <summary>Port I/O.</summary>
    Pio,
}
