using Iced.Intel;

namespace StratoVirt.Guests.Image;

/// <summary>Encoded instructions and where each label came to lie.</summary>
/// <param name="Bytes">The bytes.</param>
/// <param name="Result">What the assembler knows of labels.</param>
internal readonly record struct EncodedCode(byte[] Bytes, AssemblerResult Result)
{
    /// <summary>Encodes everything an assembler holds.</summary>
    /// <param name="assembler">The assembler.</param>
    /// <param name="address">Where the first instruction will lie.</param>
    public static EncodedCode Of(Assembler assembler, ulong address)
    {
        using var stream = new MemoryStream();
        AssemblerResult result = assembler.Assemble(
            new StreamCodeWriter(stream), address, BlockEncoderOptions.ReturnNewInstructionOffsets);
        return new EncodedCode(stream.ToArray(), result);
    }

    /// <summary>The address of a label.</summary>
    public ulong AddressOf(Label label) => Result.GetLabelRIP(label);
}
