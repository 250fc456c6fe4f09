using System.Buffers;
using System.Reflection;
using System.Runtime.CompilerServices;
using System.Text.Json;
using CsCheck;
using StratoVirt.Qmp.Commands;
using StratoVirt.Qmp.Messages;
using StratoVirt.Qmp.Shapes;
using StratoVirt.Qmp.Vendor;

namespace StratoVirt.Qmp.Tests.Shapes;

/// <summary>Records and their shapes, which are written by hand, held against each other.</summary>
public sealed class ShapeTests
{
    // Half of it strange to every parser: no text, no number of any width, no word.
    private static readonly Gen<string> Scalar = Gen.OneOf(
        "null", "true", "0", "-1", "4294967296", "18446744073709551615", "-9223372036854775809", "1e999", "1.5",
        "\"\"", "\"raw\"", "\"file\"", "\"unix\"", "\"AAA=\"", "\"2026-11-28T00:00:00Z\"", "\"\\ud800\"", "\"\\u0000\"");

    private static readonly SchemaInfo[] Schema = [.. SchemaBuilder.Build(Find<QmpCommand>(), Find<QmpEvent>())];

    public static TheoryData<Type> RecordTypes => [.. Records.All.Keys];

    [Fact]
    public void Every_record_that_a_command_or_an_event_carries_is_found() => Assert.Equal(
        Schema.Where(entry => entry.MetaType == SchemaMetaType.Object).Select(entry => entry.Name).Order(StringComparer.Ordinal),
        Records.All.Values.Select(shape => shape.Name).Order(StringComparer.Ordinal));

    [Theory]
    [MemberData(nameof(RecordTypes))]
    public void A_record_is_read_back_as_it_was_written(Type type) => Gen.Int.Sample(seed =>
    {
        object record = Records.Any(type, false, new Random(seed))!;
        Shape shape = Records.All[type];
        Assert.True(Records.AreAlike(record, shape.ReadAt(new Place("", isStrict: true), Write(shape, record))), $"{record}");
    });

    /// <summary>Each property has its member, in the same order; what C# requires is required.</summary>
    [Theory]
    [MemberData(nameof(RecordTypes))]
    public void The_schema_says_what_the_record_has(Type type)
    {
        SchemaInfo entry = Schema.Single(entry => entry.Name == type.Name);
        Assert.Equal(
            [.. Records.PropertiesOf(type).Where(property => property.PropertyType != typeof(Dictionary<string, JsonElement>)).Select(property =>
                (NameOf(property.PropertyType), property.GetCustomAttribute<RequiredMemberAttribute>() is not null))],
            entry.Members!.Select(member => (member.Type!, member.Default is null)));
    }

    [Fact]
    public void Words_are_the_names_of_the_enumerations_members()
    {
        SchemaInfo[] found = [.. Schema.Where(entry => entry.MetaType == SchemaMetaType.Enum)];
        Assert.NotEmpty(found);
        Assert.All(found, entry => Assert.Equal(
            typeof(Shape).Assembly.GetTypes().Single(type => type.IsEnum && type.Name == entry.Name).GetEnumNames(),
            entry.Values!.Select(word => word.Replace("-", "", StringComparison.Ordinal).Replace("_", "", StringComparison.Ordinal)),
            StringComparer.OrdinalIgnoreCase));
    }

    /// <summary>Objects of the right names and any values.</summary>
    [Theory]
    [MemberData(nameof(RecordTypes))]
    public void Whatever_a_client_sends_is_read_or_refused(Type type)
    {
        string[] names = [.. Schema.Single(entry => entry.Name == type.Name).Members!.Select(member => member.Name), "other", "\\ud800"];
        Gen<string> any = Gen.Recursive<string>((depth, inner) => depth > 3 ? Scalar : Gen.OneOf(
            Scalar,
            inner.Array[0, 3].Select(items => $"[{string.Join(',', items)}]"),
            Gen.Select(Gen.OneOf(names), inner).Array[0, 8].Select(members =>
                $"{{{string.Join(',', members.Select(member => $"\"{member.Item1}\":{member.Item2}"))}}}")));
        any.Sample(text =>
        {
            JsonElement value = JsonElement.Parse(text);
            foreach (bool isStrict in (bool[])[true, false])
            {
                try
                {
                    Assert.IsType(type, Records.All[type].ReadAt(new Place("", isStrict), value));
                }
                catch (QmpException refused)
                {
                    Assert.Equal("GenericError", refused.ErrorClass);
                }
            }
        });
    }

    [Theory]
    [InlineData("{}", "Parameter 'id' is missing")]
    [InlineData("""{"id":1}""", "Invalid parameter type for 'id', expected: string")]
    [InlineData("""{"id":"a","other":1}""", "Parameter 'backend' is missing")]
    [InlineData("""{"id":"a","backend":null}""", "Invalid parameter type for 'backend', expected: object")]
    [InlineData("""{"id":"a","backend":{"type":"tty"}}""", "Parameter 'backend.type' does not accept value 'tty'")]
    [InlineData("""{"id":"a","backend":{"type":"file","data":{"append":1}}}""", "Invalid parameter type for 'backend.data.append', expected: boolean")]
    [InlineData("""{"id":"a","backend":{"type":"file","data":{"out":"x","in":"y"}}}""", "Parameter 'backend.data.in' is unexpected")]
    [InlineData("""{"id":"a","backend":{"type":"file","data":{}},"other":1}""", "Parameter 'other' is unexpected")]
    public void What_does_not_fit_is_named_in_QEMUs_words(string arguments, string description)
    {
        QmpException refused = Assert.Throws<QmpException>(() => ChardevAddArguments.Shape.Untyped.ReadArguments(JsonElement.Parse(arguments)));
        Assert.Equal(description, refused.Message);
    }

    [Theory]
    [InlineData("""{"data":"AAA"}""", "Parameter 'data' has a value that cannot be")]
    [InlineData("""{"port":null,"data":""}""", "Invalid parameter type for 'port', expected: string")]
    public void Text_that_holds_something_else_has_to_hold_that(string arguments, string description) => Assert.Equal(
        description,
        Assert.Throws<QmpException>(() => ConsoleWriteArguments.Shape.Untyped.ReadArguments(JsonElement.Parse(arguments))).Message);

    [Theory]
    [InlineData("-1", "Parameter 'exit-reason' has a value that cannot be")]
    [InlineData("4294967296", "Parameter 'exit-reason' has a value that cannot be")]
    [InlineData("18446744073709551616", "Invalid parameter type for 'exit-reason', expected: integer")]
    [InlineData("1.0", "Invalid parameter type for 'exit-reason', expected: integer")]
    public void A_number_has_its_range(string number, string description) => Assert.Equal(
        description,
        Assert.Throws<QmpException>(() => VendorFault.Shape.Untyped.ReadArguments(
            JsonElement.Parse($$"""{"cpu":0,"reason":"","exit-reason":{{number}}}"""))).Message);

    /// <summary>What servers of other versions may do: more members, and null for none.</summary>
    [Fact]
    public void A_result_may_hold_more_than_is_known()
    {
        Assert.Null(MachineCommands.QueryName.ReadResult(JsonElement.Parse("""{"name":null,"uuid":"x"}""")).Name);
        Assert.Throws<InvalidDataException>(() => MachineCommands.QueryKvm.ReadResult(JsonElement.Parse("""{"enabled":true}""")));
        Assert.Throws<InvalidDataException>(() => MachineCommands.QueryKvm.ReadResult(JsonElement.Parse("""{"\ud800":true}""")));
    }

    private static IEnumerable<T> Find<T>() => typeof(Shape).Assembly.GetTypes()
        .Where(type => type is { IsAbstract: true, IsSealed: true, IsPublic: true })
        .SelectMany(type => type.GetProperties(BindingFlags.Public | BindingFlags.Static))
        .Where(property => property.PropertyType.IsSubclassOf(typeof(T)))
        .Select(property => (T)property.GetValue(null)!);

    private static JsonElement Write(Shape shape, object record)
    {
        var buffer = new ArrayBufferWriter<byte>();
        using (var writer = new Utf8JsonWriter(buffer))
        {
            shape.Write(writer, record);
        }

        return JsonElement.Parse(buffer.WrittenSpan);
    }

    private static string NameOf(Type type) => (Nullable.GetUnderlyingType(type) ?? type) switch
    {
        var plain when plain == typeof(string) || plain == typeof(byte[]) || plain == typeof(DateTimeOffset) => "str",
        var plain when plain == typeof(bool) => "bool",
        var plain when plain == typeof(JsonElement) => "any",
        { IsPrimitive: true } => "int",
        { IsInterface: true } list => $"[{NameOf(list.GenericTypeArguments[0])}]",
        var other => other.Name,
    };
}
