namespace StratoVirt.Qmp.Messages;

/// <summary>The classes of QMP's errors. All but the first mean something to programs.</summary>
public enum QmpErrorClass
{
    /// <summary>Anything else; the description is for people.</summary>
    GenericError,

    /// <summary>There is no such command, or not now.</summary>
    CommandNotFound,

    /// <summary>What was asked of is not in use.</summary>
    DeviceNotActive,

    /// <summary>There is no such device.</summary>
    DeviceNotFound,

    /// <summary>KVM lacks something.</summary>
    KVMMissingCap,
}
