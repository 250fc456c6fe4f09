using Iced.Intel;
using StratoVirt.Guests.Boot;

namespace StratoVirt.Guests.Image;

/// <summary>Puts a 64-bit guest together: 32-bit entry, code, tables, ELF.</summary>
internal static class LongModeImage
{
    /// <summary>Lays out the guest.</summary>
    /// <param name="assembler">The guest's 64-bit instructions, <paramref name="entry"/>'s first.</param>
    /// <param name="entry">Its entry.</param>
    /// <param name="interruptHandlers">Label of the handler of each vector that can arrive.</param>
    /// <param name="userPages">Let CPL 3 use all memory.</param>
    /// <param name="kind">Which entries the file shows.</param>
    public static byte[] Build(
        Assembler assembler,
        LongModeEntry entry,
        IReadOnlyDictionary<byte, Label> interruptHandlers,
        bool userPages,
        GuestEntry kind)
    {
        EncodedCode code = EncodedCode.Of(assembler, GuestLayout.LongModeCode);
        int codeOffset = (int)(GuestLayout.LongModeCode - GuestLayout.Text);
        var text = new byte[codeOffset + code.Bytes.Length];
        if (GuestLayout.Text + (ulong)text.Length > GuestLayout.Data)
        {
            throw new InvalidOperationException($"The code is {text.Length} bytes long and runs into the data.");
        }

        LongModeEntry.EncodeProtectedMode().CopyTo(text, 0);
        code.Bytes.CopyTo(text, codeOffset);
        Dictionary<byte, ulong> gates = interruptHandlers.ToDictionary(h => h.Key, h => code.AddressOf(h.Value));
        byte[] data = DataSegment.Build(gates, userPages);
        return PvhElf.Write(
            entry.LinuxEntryIn(code),
            kind == GuestEntry.Pvh ? (uint)GuestLayout.Text : null,
            new ElfSegment(GuestLayout.Text, text, (ulong)text.Length, Writable: false),
            new ElfSegment(GuestLayout.Data, data, GuestLayout.DataEnd - GuestLayout.Data, Writable: true));
    }
}
