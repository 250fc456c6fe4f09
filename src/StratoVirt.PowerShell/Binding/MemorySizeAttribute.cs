using System.Globalization;
using System.Management.Automation;
using StratoVirt.Definitions;

namespace StratoVirt.PowerShell.Binding;

/// <summary>Turns what a user writes for a size, <c>512MB</c> as a number or <c>'512MiB'</c> as text, into bytes.</summary>
[AttributeUsage(AttributeTargets.Property)]
public sealed class MemorySizeAttribute : ArgumentTransformationAttribute
{
    /// <inheritdoc/>
    public override object Transform(EngineIntrinsics engineIntrinsics, object inputData)
    {
        object value = inputData is PSObject wrapped ? wrapped.BaseObject : inputData;
        return value switch
        {
            string text when ByteSize.TryParse(text, out ByteSize size) => size.Bytes,
            string text => throw new ArgumentTransformationMetadataException(
                $"'{text}' is no size. Write bytes as a number (512MB), or a whole number and a unit in quotes ('512MiB', '4GiB')."),
            IConvertible number => ToBytes(number),
            _ => throw new ArgumentTransformationMetadataException("A size is a number of bytes (512MB) or text ('512MiB')."),
        };
    }

    private static ulong ToBytes(IConvertible number)
    {
        decimal bytes;
        try
        {
            bytes = number.ToDecimal(CultureInfo.InvariantCulture);
        }
        catch (Exception refused) when (refused is InvalidCastException or OverflowException or FormatException)
        {
            throw new ArgumentTransformationMetadataException(
                $"'{number}' is no size. Write bytes as a number (512MB) or text ('512MiB').", refused);
        }

        return bytes < 0 || bytes > ulong.MaxValue || bytes != decimal.Truncate(bytes)
            ? throw new ArgumentTransformationMetadataException($"{number} is no size: it must be a whole number of bytes, not negative.")
            : decimal.ToUInt64(bytes);
    }
}
