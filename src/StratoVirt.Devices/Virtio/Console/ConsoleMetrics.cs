namespace StratoVirt.Devices.Virtio.Console;

/// <summary>Counters of a console device, since it was made.</summary>
/// <param name="TransmittedBytes">Bytes the host ends have taken from the guest.</param>
/// <param name="ReceivedBytes">Bytes given to the guest.</param>
/// <param name="DroppedBytes">Bytes of the guest that were lost: of a console whose host end did not take them, of a
/// message whose reader went away in the middle, of a port that was removed.</param>
/// <param name="BadMessages">Control messages that were too short, unknown, or about no port.</param>
/// <param name="SmallBuffers">Buffers too small for the control message they were offered for.</param>
public readonly record struct ConsoleMetrics(
    long TransmittedBytes, long ReceivedBytes, long DroppedBytes, long BadMessages, long SmallBuffers);
