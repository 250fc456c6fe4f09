using System.Text.Json;
using System.Text.Json.Serialization;

namespace StratoVirt.Qmp.Commands;

/// <summary>Devices that come and go, and the object tree.</summary>
public static class DeviceCommands
{
    /// <summary>Plugs a device in.</summary>
    public static QmpCommand<DeviceAddArguments, QmpNothing> DeviceAdd { get; } = new(
        "device_add", () => QmpJsonContext.Default.DeviceAddArguments, () => QmpJsonContext.Default.QmpNothing);

    /// <summary>Asks the guest to give a device back; DEVICE_DELETED says when it has.</summary>
    public static QmpCommand<IdArguments, QmpNothing> DeviceDel { get; } = new(
        "device_del", () => QmpJsonContext.Default.IdArguments, () => QmpJsonContext.Default.QmpNothing);

    /// <summary>What a driver of <c>device_add</c> can be told.</summary>
    public static QmpCommand<TypenameArguments, IReadOnlyList<ObjectPropertyInfo>> DeviceListProperties { get; } = new(
        "device-list-properties", () => QmpJsonContext.Default.TypenameArguments, () => QmpJsonContext.Default.IReadOnlyListObjectPropertyInfo);

    /// <summary>The types of devices there are.</summary>
    public static QmpCommand<QomListTypesArguments, IReadOnlyList<ObjectTypeInfo>> QomListTypes { get; } = new(
        "qom-list-types", () => QmpJsonContext.Default.QomListTypesArguments, () => QmpJsonContext.Default.IReadOnlyListObjectTypeInfo);

    /// <summary>What an object of the tree has.</summary>
    public static QmpCommand<QomListArguments, IReadOnlyList<ObjectPropertyInfo>> QomList { get; } = new(
        "qom-list", () => QmpJsonContext.Default.QomListArguments, () => QmpJsonContext.Default.IReadOnlyListObjectPropertyInfo);

    /// <summary>One of its values.</summary>
    public static QmpCommand<QomGetArguments, JsonElement> QomGet { get; } = new(
        "qom-get", () => QmpJsonContext.Default.QomGetArguments, () => QmpJsonContext.Default.JsonElement);
}

/// <summary>A new device. What its driver takes beside these is in <see cref="Properties"/>.</summary>
public sealed record DeviceAddArguments
{
    /// <summary>What it is: <c>virtio-blk-pci</c> …</summary>
    public required string Driver { get; init; }

    /// <summary>What it is plugged into.</summary>
    public string? Bus { get; init; }

    /// <summary>What it is to be called.</summary>
    public string? Id { get; init; }

    /// <summary>Everything else.</summary>
    [JsonExtensionData]
    public Dictionary<string, JsonElement>? Properties { get; set; }
}

/// <summary>An id.</summary>
public sealed record IdArguments
{
    /// <summary>The id.</summary>
    public required string Id { get; init; }
}

/// <summary>A type's name.</summary>
public sealed record TypenameArguments
{
    /// <summary>The name.</summary>
    public required string Typename { get; init; }
}

/// <summary>Which types to list.</summary>
public sealed record QomListTypesArguments
{
    /// <summary>Only those that implement this type.</summary>
    public string? Implements { get; init; }

    /// <summary>Those too that cannot be made.</summary>
    public bool? Abstract { get; init; }
}

/// <summary>An object of the tree.</summary>
public sealed record QomListArguments
{
    /// <summary>Its path.</summary>
    public required string Path { get; init; }
}

/// <summary>A value of an object.</summary>
public sealed record QomGetArguments
{
    /// <summary>The object's path.</summary>
    public required string Path { get; init; }

    /// <summary>The value's name.</summary>
    public required string Property { get; init; }
}

/// <summary>Something an object has, or a driver takes.</summary>
public sealed record ObjectPropertyInfo
{
    /// <summary>Its name.</summary>
    public required string Name { get; init; }

    /// <summary>Its type.</summary>
    public required string Type { get; init; }

    /// <summary>What it is for.</summary>
    public string? Description { get; init; }
}

/// <summary>A type of devices.</summary>
public sealed record ObjectTypeInfo
{
    /// <summary>Its name.</summary>
    public required string Name { get; init; }

    /// <summary>What it is a kind of.</summary>
    public string? Parent { get; init; }
}
