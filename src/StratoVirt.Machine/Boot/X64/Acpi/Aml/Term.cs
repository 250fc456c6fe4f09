using System.Buffers.Binary;
using System.Text;

namespace StratoVirt.Machine.Boot.X64.Acpi.Aml;

/// <summary>The terms the microVM's tables are made of; opcodes from ACPI 6.5 §20.2 and table 20.2.</summary>
internal static class Term
{
    private const byte NameOp = 0x08;
    private const byte BytePrefix = 0x0A;
    private const byte WordPrefix = 0x0B;
    private const byte DWordPrefix = 0x0C;
    private const byte StringPrefix = 0x0D;
    private const byte QWordPrefix = 0x0E;
    private const byte ScopeOp = 0x10;
    private const byte BufferOp = 0x11;
    private const byte PackageOp = 0x12;
    private const byte MethodOp = 0x14;
    private const byte ExtendedPrefix = 0x5B;
    private const byte RegionOp = 0x80;
    private const byte FieldOp = 0x81;
    private const byte DeviceOp = 0x82;
    private const byte Local0 = 0x60;
    private const byte Argument0 = 0x68;
    private const byte StoreOp = 0x70;
    private const byte AndOp = 0x7B;
    private const byte OrOp = 0x7D;
    private const byte CreateDWordFieldOp = 0x8A;
    private const byte EqualOp = 0x93;
    private const byte NullTarget = 0x00;
    private const byte NotifyOp = 0x86;
    private const byte IfOp = 0xA0;
    private const byte ElseOp = 0xA1;
    private const byte ReturnOp = 0xA4;

    /// <summary>An integer, in the shortest encoding.</summary>
    public static AmlTerm Integer(ulong value)
    {
        Span<byte> bytes = stackalloc byte[sizeof(ulong)];
        BinaryPrimitives.WriteUInt64LittleEndian(bytes, value);
        return value switch
        {
            0 or 1 => new AmlTerm([(byte)value]),
            <= byte.MaxValue => new AmlTerm([BytePrefix, (byte)value]),
            <= ushort.MaxValue => new AmlTerm([WordPrefix, .. bytes[..2]]),
            <= uint.MaxValue => new AmlTerm([DWordPrefix, .. bytes[..4]]),
            _ => new AmlTerm([QWordPrefix, .. bytes]),
        };
    }

    /// <summary>A string of ASCII characters.</summary>
    public static AmlTerm Text(string text) => new([StringPrefix, .. Encoding.ASCII.GetBytes(text), 0]);

    /// <summary>
    /// A compressed EISA id (§19.3.4): three letters of five bits each and four hexadecimal digits, high byte first.
    /// </summary>
    public static AmlTerm EisaId(string id)
    {
        uint letters = ((uint)(id[0] - '@') << 10) | ((uint)(id[1] - '@') << 5) | (uint)(id[2] - '@');
        uint value = (letters << 16) | Convert.ToUInt32(id[3..], 16);
        return Integer(BinaryPrimitives.ReverseEndianness(value));
    }

    /// <summary>A reference by name.</summary>
    public static AmlTerm Path(string path) => new([.. NameString.Encode(path)]);

    /// <summary>Gives a name to an object.</summary>
    public static AmlTerm Name(string path, AmlTerm value) => new([NameOp, .. NameString.Encode(path), .. value.Bytes]);

    /// <summary>A package of objects, at most 255.</summary>
    public static AmlTerm Package(params ReadOnlySpan<AmlTerm> elements) =>
        Enclose([PackageOp], [(byte)elements.Length, .. Join(elements)]);

    /// <summary>Terms in an existing namespace scope.</summary>
    public static AmlTerm Scope(string path, params ReadOnlySpan<AmlTerm> terms) =>
        Enclose([ScopeOp], [.. NameString.Encode(path), .. Join(terms)]);

    /// <summary>A device with its objects.</summary>
    public static AmlTerm Device(string name, params ReadOnlySpan<AmlTerm> terms) =>
        Enclose([ExtendedPrefix, DeviceOp], [.. NameString.Encode(name), .. Join(terms)]);

    /// <summary>A method of up to seven arguments, serialized: never run twice at once.</summary>
    public static AmlTerm Method(string name, int arguments, params ReadOnlySpan<AmlTerm> statements)
    {
        const byte Serialized = 1 << 3;
        return Enclose([MethodOp], [.. NameString.Encode(name), (byte)(arguments | Serialized), .. Join(statements)]);
    }

    /// <summary>A resource template: a buffer of descriptors and their end tag.</summary>
    public static AmlTerm Resources(params ReadOnlySpan<AmlResource> resources)
    {
        List<byte> content = [];
        foreach (AmlResource resource in resources)
        {
            content.AddRange(resource.Bytes);
        }

        content.AddRange(Resource.EndTag.Bytes);
        return Enclose([BufferOp], [.. Integer((ulong)content.Count).Bytes, .. content]);
    }

    /// <summary>An operation region over I/O ports.</summary>
    public static AmlTerm IoRegion(string name, ushort port, byte length)
    {
        const byte SystemIo = 1;
        return new AmlTerm(
            [ExtendedPrefix, RegionOp, .. NameString.Encode(name), SystemIo, .. Integer(port).Bytes, .. Integer(length).Bytes]);
    }

    /// <summary>A region as fields of a byte each, one behind the other; no lock.</summary>
    public static AmlTerm ByteFields(string region, params ReadOnlySpan<string> fields) => Fields(region, 1, 8, fields);

    /// <summary>A region as fields of 32 bits each, accessed whole, one behind the other; no lock.</summary>
    public static AmlTerm DoubleWordFields(string region, params ReadOnlySpan<string> fields) => Fields(region, 3, 32, fields);

    /// <summary>A buffer with these bytes.</summary>
    public static AmlTerm Buffer(params ReadOnlySpan<byte> content) =>
        Enclose([BufferOp], [.. Integer((ulong)content.Length).Bytes, .. content]);

    /// <summary>An argument of the method.</summary>
    public static AmlTerm Argument(int number) => new([(byte)(Argument0 + number)]);

    /// <summary>32 bits of a buffer, by a name.</summary>
    /// <param name="buffer">The buffer.</param>
    /// <param name="offset">In bytes.</param>
    /// <param name="name">The name, the method's own.</param>
    public static AmlTerm DoubleWordOf(AmlTerm buffer, ulong offset, string name) =>
        new([CreateDWordFieldOp, .. buffer.Bytes, .. Integer(offset).Bytes, .. NameString.Encode(name)]);

    /// <summary><c>target = value</c>.</summary>
    public static AmlTerm Store(AmlTerm value, string target) => new([StoreOp, .. value.Bytes, .. NameString.Encode(target)]);

    /// <summary><c>value | bits</c>.</summary>
    public static AmlTerm Or(AmlTerm value, ulong bits) => new([OrOp, .. value.Bytes, .. Integer(bits).Bytes, NullTarget]);

    /// <summary><c>left == right</c>, of integers or buffers.</summary>
    public static AmlTerm AreEqual(AmlTerm left, AmlTerm right) => new([EqualOp, .. left.Bytes, .. right.Bytes]);

    /// <summary><c>If (condition) { … }</c>.</summary>
    public static AmlTerm If(AmlTerm condition, params ReadOnlySpan<AmlTerm> statements) =>
        Enclose([IfOp], [.. condition.Bytes, .. Join(statements)]);

    /// <summary><c>Else { … }</c>, right behind an if.</summary>
    public static AmlTerm Else(params ReadOnlySpan<AmlTerm> statements) => Enclose([ElseOp], Join(statements));

    /// <summary><c>Return (value)</c>.</summary>
    public static AmlTerm Return(AmlTerm value) => new([ReturnOp, .. value.Bytes]);

    /// <summary>Calls a method without arguments.</summary>
    public static AmlTerm Call(string method) => Path(method);

    /// <summary><c>Local0 = value</c>.</summary>
    public static AmlTerm StoreInLocal0(AmlTerm value) => new([StoreOp, .. value.Bytes, Local0]);

    /// <summary><c>If (Local0 &amp; mask) { … }</c>.</summary>
    public static AmlTerm IfLocal0Has(ulong mask, params ReadOnlySpan<AmlTerm> statements) =>
        Enclose([IfOp], [AndOp, Local0, .. Integer(mask).Bytes, NullTarget, .. Join(statements)]);

    /// <summary>Notifies a device.</summary>
    public static AmlTerm Notify(string device, byte value) =>
        new([NotifyOp, .. NameString.Encode(device), .. Integer(value).Bytes]);

    private static AmlTerm Fields(string region, byte access, byte bits, ReadOnlySpan<string> fields)
    {
        List<byte> body = [.. NameString.Encode(region), access];
        foreach (string field in fields)
        {
            body.AddRange(NameString.Encode(field));
            body.Add(bits);
        }

        return Enclose([ExtendedPrefix, FieldOp], [.. body]);
    }

    private static AmlTerm Enclose(ReadOnlySpan<byte> opcode, ReadOnlySpan<byte> body) =>
        new([.. opcode, .. PackageLength.Encode(body.Length), .. body]);

    private static byte[] Join(ReadOnlySpan<AmlTerm> terms)
    {
        List<byte> bytes = [];
        foreach (AmlTerm term in terms)
        {
            bytes.AddRange(term.Bytes);
        }

        return [.. bytes];
    }
}
