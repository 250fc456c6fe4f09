namespace StratoVirt.Devices.Bus;

/// <summary>Two devices were given the same address.</summary>
public sealed class AddressOverlapException : InvalidOperationException
{
    /// <summary>Names both.</summary>
    /// <param name="existing">The range already on the bus.</param>
    /// <param name="added">The range that was to be added.</param>
    public AddressOverlapException(BusMapping existing, BusMapping added)
        : base($"{added} cannot be mapped: {existing} is already there. Give one of them another address.")
    {
        Existing = existing;
        Added = added;
    }

    /// <summary>The range already on the bus.</summary>
    public BusMapping Existing { get; }

    /// <summary>The range that was to be added.</summary>
    public BusMapping Added { get; }
}
