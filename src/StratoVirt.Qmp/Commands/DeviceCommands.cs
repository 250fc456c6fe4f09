using System.Text.Json;
using StratoVirt.Qmp.Shapes;

namespace StratoVirt.Qmp.Commands;

/// <summary>Devices that come and go, and the object tree.</summary>
public static class DeviceCommands
{
    /// <summary>Plugs a device in.</summary>
    public static QmpCommand<DeviceAddArguments, QmpNothing> DeviceAdd { get; } = new(
        "device_add", DeviceAddArguments.Shape, QmpNothing.Shape);

    /// <summary>Asks the guest to give a device back; DEVICE_DELETED says when it has.</summary>
    public static QmpCommand<IdArguments, QmpNothing> DeviceDel { get; } = new(
        "device_del", IdArguments.Shape, QmpNothing.Shape);

    /// <summary>What a driver of <c>device_add</c> can be told.</summary>
    public static QmpCommand<TypenameArguments, IReadOnlyList<ObjectPropertyInfo>> DeviceListProperties { get; } = new(
        "device-list-properties", TypenameArguments.Shape, ListShape.Of(ObjectPropertyInfo.Shape));

    /// <summary>The types of devices there are.</summary>
    public static QmpCommand<QomListTypesArguments, IReadOnlyList<ObjectTypeInfo>> QomListTypes { get; } = new(
        "qom-list-types", QomListTypesArguments.Shape, ListShape.Of(ObjectTypeInfo.Shape));

    /// <summary>What an object of the tree has.</summary>
    public static QmpCommand<QomListArguments, IReadOnlyList<ObjectPropertyInfo>> QomList { get; } = new(
        "qom-list", QomListArguments.Shape, ListShape.Of(ObjectPropertyInfo.Shape));

    /// <summary>One of its values.</summary>
    public static QmpCommand<QomGetArguments, JsonElement> QomGet { get; } = new(
        "qom-get", QomGetArguments.Shape, Scalars.Anything);
}

/// <summary>A new device. What its driver takes beside these is in <see cref="Properties"/>.</summary>
public sealed class DeviceAddArguments
{
    /// <summary>What it is: <c>virtio-blk-pci</c> …</summary>
    public required string Driver { get; init; }

    /// <summary>What it is plugged into.</summary>
    public string? Bus { get; init; }

    /// <summary>What it is to be called.</summary>
    public string? Id { get; init; }

    /// <summary>Everything else.</summary>
    public Dictionary<string, JsonElement>? Properties { get; set; }

    private static readonly ObjectShape Form = new(nameof(DeviceAddArguments), Carry);

    internal static Shape<DeviceAddArguments> Shape => new(Form);

    private static DeviceAddArguments Carry(Members json, object? value)
    {
        var it = (DeviceAddArguments?)value;
        return new DeviceAddArguments
        {
            Driver = json.Text("driver", it?.Driver),
            Bus = json.OptionalText("bus", it?.Bus),
            Id = json.OptionalText("id", it?.Id),
            Properties = json.Rest(it?.Properties),
        };
    }
}

/// <summary>An id.</summary>
public sealed class IdArguments
{
    /// <summary>The id.</summary>
    public required string Id { get; init; }

    private static readonly ObjectShape Form = new(nameof(IdArguments), Carry);

    internal static Shape<IdArguments> Shape => new(Form);

    private static IdArguments Carry(Members json, object? value)
    {
        var it = (IdArguments?)value;
        return new IdArguments
        {
            Id = json.Text("id", it?.Id),
        };
    }
}

/// <summary>A type's name.</summary>
public sealed class TypenameArguments
{
    /// <summary>The name.</summary>
    public required string Typename { get; init; }

    private static readonly ObjectShape Form = new(nameof(TypenameArguments), Carry);

    internal static Shape<TypenameArguments> Shape => new(Form);

    private static TypenameArguments Carry(Members json, object? value)
    {
        var it = (TypenameArguments?)value;
        return new TypenameArguments
        {
            Typename = json.Text("typename", it?.Typename),
        };
    }
}

/// <summary>Which types to list.</summary>
public sealed class QomListTypesArguments
{
    /// <summary>Only those that implement this type.</summary>
    public string? Implements { get; init; }

    /// <summary>Those too that cannot be made.</summary>
    public bool? Abstract { get; init; }

    private static readonly ObjectShape Form = new(nameof(QomListTypesArguments), Carry);

    internal static Shape<QomListTypesArguments> Shape => new(Form);

    private static QomListTypesArguments Carry(Members json, object? value)
    {
        var it = (QomListTypesArguments?)value;
        return new QomListTypesArguments
        {
            Implements = json.OptionalText("implements", it?.Implements),
            Abstract = json.OptionalFlag("abstract", it?.Abstract),
        };
    }
}

/// <summary>An object of the tree.</summary>
public sealed class QomListArguments
{
    /// <summary>Its path.</summary>
    public required string Path { get; init; }

    private static readonly ObjectShape Form = new(nameof(QomListArguments), Carry);

    internal static Shape<QomListArguments> Shape => new(Form);

    private static QomListArguments Carry(Members json, object? value)
    {
        var it = (QomListArguments?)value;
        return new QomListArguments
        {
            Path = json.Text("path", it?.Path),
        };
    }
}

/// <summary>A value of an object.</summary>
public sealed class QomGetArguments
{
    /// <summary>The object's path.</summary>
    public required string Path { get; init; }

    /// <summary>The value's name.</summary>
    public required string Property { get; init; }

    private static readonly ObjectShape Form = new(nameof(QomGetArguments), Carry);

    internal static Shape<QomGetArguments> Shape => new(Form);

    private static QomGetArguments Carry(Members json, object? value)
    {
        var it = (QomGetArguments?)value;
        return new QomGetArguments
        {
            Path = json.Text("path", it?.Path),
            Property = json.Text("property", it?.Property),
        };
    }
}

/// <summary>Something an object has, or a driver takes.</summary>
public sealed class ObjectPropertyInfo
{
    /// <summary>Its name.</summary>
    public required string Name { get; init; }

    /// <summary>Its type.</summary>
    public required string Type { get; init; }

    /// <summary>What it is for.</summary>
    public string? Description { get; init; }

    private static readonly ObjectShape Form = new(nameof(ObjectPropertyInfo), Carry);

    internal static Shape<ObjectPropertyInfo> Shape => new(Form);

    private static ObjectPropertyInfo Carry(Members json, object? value)
    {
        var it = (ObjectPropertyInfo?)value;
        return new ObjectPropertyInfo
        {
            Name = json.Text("name", it?.Name),
            Type = json.Text("type", it?.Type),
            Description = json.OptionalText("description", it?.Description),
        };
    }
}

/// <summary>A type of devices.</summary>
public sealed class ObjectTypeInfo
{
    /// <summary>Its name.</summary>
    public required string Name { get; init; }

    /// <summary>What it is a kind of.</summary>
    public string? Parent { get; init; }

    private static readonly ObjectShape Form = new(nameof(ObjectTypeInfo), Carry);

    internal static Shape<ObjectTypeInfo> Shape => new(Form);

    private static ObjectTypeInfo Carry(Members json, object? value)
    {
        var it = (ObjectTypeInfo?)value;
        return new ObjectTypeInfo
        {
            Name = json.Text("name", it?.Name),
            Parent = json.OptionalText("parent", it?.Parent),
        };
    }
}
