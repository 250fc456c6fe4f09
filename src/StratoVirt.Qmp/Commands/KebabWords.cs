using System.Text.Json;
using System.Text.Json.Serialization;

namespace StratoVirt.Qmp.Commands;

/// <summary>Reads and writes an enumeration as QMP's words: lower case, with hyphens.</summary>
/// <typeparam name="T">The enumeration.</typeparam>
internal sealed class KebabWords<T>() : JsonStringEnumConverter<T>(JsonNamingPolicy.KebabCaseLower, allowIntegerValues: false)
    where T : struct, Enum;
