using System.Buffers.Binary;

namespace StratoVirt.Testing.Virtio.Hostile;

/// <summary>One step of a driver, or of the host around it, as data: it can be printed, replayed, and left out, which is
/// how a long failure becomes a short one.</summary>
/// <param name="Move">What is done.</param>
/// <param name="Queue">The queue it is about, modulo the device's.</param>
/// <param name="Word">Everything else follows from it.</param>
public readonly record struct DriverStep(DriverMove Move, byte Queue, ulong Word)
{
    /// <summary>Bytes of a step in a fuzzer's input.</summary>
    public const int Length = 8;

    // How often a step is which move, out of their sum: mostly the work of drivers, so that what they never do falls
    // into the middle of it.
    private static readonly (DriverMove Move, int Weight)[] Weights =
    [
        (DriverMove.Add, 200),
        (DriverMove.Turn, 150),
        (DriverMove.Collect, 90),
        (DriverMove.HostActs, 90),
        (DriverMove.Kick, 20),
        (DriverMove.Settle, 12),
        (DriverMove.TakeInterrupt, 8),
        (DriverMove.ToggleInterrupts, 8),
        (DriverMove.Start, 6),
        (DriverMove.Pause, 6),
        (DriverMove.Resume, 10),
        (DriverMove.ResetQueue, 6),
        (DriverMove.WriteConfiguration, 8),
        (DriverMove.ReadAnywhere, 8),
        (DriverMove.Storm, 2),
        (DriverMove.AddGarbage, 4),
        (DriverMove.AddMalformed, 1),
        (DriverMove.Scribble, 1),
        (DriverMove.WriteRegister, 1),
        (DriverMove.BadStart, 1),
        (DriverMove.Reset, 1),
        (DriverMove.MachineReset, 1),
        (DriverMove.Replug, 1),
    ];

    private static readonly DriverMove[] Table =
        [.. Weights.SelectMany(entry => Enumerable.Repeat(entry.Move, entry.Weight))];

    /// <summary>Every move, as often as it is to be made.</summary>
    public static IReadOnlyList<DriverMove> Moves => Table;

    /// <summary>Reads a step from a fuzzer's bytes: any will do.</summary>
    public static DriverStep Read(ReadOnlySpan<byte> bytes) => new(
        Table[BinaryPrimitives.ReadUInt16LittleEndian(bytes) % Table.Length],
        bytes[2],
        BinaryPrimitives.ReadUInt64LittleEndian(bytes) >> 24);

    /// <summary>The other direction of <see cref="Read"/>, for seeds.</summary>
    public void Write(Span<byte> bytes)
    {
        BinaryPrimitives.WriteUInt64LittleEndian(bytes, Word << 24);
        BinaryPrimitives.WriteUInt16LittleEndian(bytes, (ushort)Array.IndexOf(Table, Move));
        bytes[2] = Queue;
    }
}
