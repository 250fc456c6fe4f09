namespace StratoVirt.Devices.Virtio.Console;

/// <summary>A port at this moment.</summary>
/// <param name="Number">Its number.</param>
/// <param name="Name">Its name; empty when it has none.</param>
/// <param name="IsConsole">Whether it is a terminal.</param>
/// <param name="IsReady">Whether the driver has accepted it.</param>
/// <param name="IsGuestOpen">Whether a program of the guest has it open.</param>
/// <param name="IsHostConnected">Whether somebody is at its host end.</param>
/// <param name="Problem">Why nobody is there or nothing moves; null while it works.</param>
/// <param name="TransmittedBytes">Bytes its host end has taken from the guest.</param>
/// <param name="ReceivedBytes">Bytes given to the guest.</param>
/// <param name="DroppedBytes">Bytes of the guest that were lost.</param>
public sealed record ConsolePortStatus(
    int Number,
    string Name,
    bool IsConsole,
    bool IsReady,
    bool IsGuestOpen,
    bool IsHostConnected,
    string? Problem,
    long TransmittedBytes,
    long ReceivedBytes,
    long DroppedBytes);
