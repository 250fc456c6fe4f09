using System.Text.Json;
using System.Text.Json.Serialization;
using StratoVirt.Qmp.Commands;
using StratoVirt.Qmp.Messages;
using StratoVirt.Qmp.Vendor;

namespace StratoVirt.Qmp;

/// <summary>Every record that commands and events carry, as data: readers, writers and the schema work from it.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.KebabCaseLower,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(VersionInfo))]
[JsonSerializable(typeof(CapabilitiesArguments))]
[JsonSerializable(typeof(IReadOnlyList<NamedInfo>))]
[JsonSerializable(typeof(QmpNothing))]
[JsonSerializable(typeof(StatusInfo))]
[JsonSerializable(typeof(ShutdownData))]
[JsonSerializable(typeof(DeviceDeletedData))]
[JsonSerializable(typeof(BalloonChangeData))]
[JsonSerializable(typeof(VcpuFaultData))]
[JsonSerializable(typeof(NameInfo))]
[JsonSerializable(typeof(KvmInfo))]
[JsonSerializable(typeof(TargetInfo))]
[JsonSerializable(typeof(IReadOnlyList<CpuInfoFast>))]
[JsonSerializable(typeof(IReadOnlyList<HotpluggableCpu>))]
[JsonSerializable(typeof(IReadOnlyList<MachineInfo>))]
[JsonSerializable(typeof(MemoryInfo))]
[JsonSerializable(typeof(IReadOnlyList<IOThreadInfo>))]
[JsonSerializable(typeof(DeviceAddArguments))]
[JsonSerializable(typeof(IdArguments))]
[JsonSerializable(typeof(TypenameArguments))]
[JsonSerializable(typeof(QomListTypesArguments))]
[JsonSerializable(typeof(QomListArguments))]
[JsonSerializable(typeof(QomGetArguments))]
[JsonSerializable(typeof(IReadOnlyList<ObjectPropertyInfo>))]
[JsonSerializable(typeof(IReadOnlyList<ObjectTypeInfo>))]
[JsonSerializable(typeof(BlockdevOptions))]
[JsonSerializable(typeof(NodeNameArguments))]
[JsonSerializable(typeof(BlockResizeArguments))]
[JsonSerializable(typeof(IoThrottle))]
[JsonSerializable(typeof(IReadOnlyList<BlockInfo>))]
[JsonSerializable(typeof(IReadOnlyList<BlockStats>))]
[JsonSerializable(typeof(IReadOnlyList<BlockDeviceInfo>))]
[JsonSerializable(typeof(NetdevOptions))]
[JsonSerializable(typeof(SetLinkArguments))]
[JsonSerializable(typeof(ChardevAddArguments))]
[JsonSerializable(typeof(IReadOnlyList<ChardevInfo>))]
[JsonSerializable(typeof(BalloonArguments))]
[JsonSerializable(typeof(BalloonInfo))]
[JsonSerializable(typeof(VendorStatus))]
[JsonSerializable(typeof(VendorMetrics))]
[JsonSerializable(typeof(IReadOnlyList<VendorDevice>))]
[JsonSerializable(typeof(VendorDeviceSpec))]
[JsonSerializable(typeof(VendorDeviceName))]
[JsonSerializable(typeof(ConsoleReadArguments))]
[JsonSerializable(typeof(ConsoleOutput))]
[JsonSerializable(typeof(ConsoleResizeArguments))]
[JsonSerializable(typeof(ConsoleWriteArguments))]
[JsonSerializable(typeof(ConsoleInput))]
[JsonSerializable(typeof(JsonElement?))]
[JsonSerializable(typeof(JsonElement))]
[JsonSerializable(typeof(IReadOnlyList<SchemaInfo>))]
internal sealed partial class QmpJsonContext : JsonSerializerContext;
