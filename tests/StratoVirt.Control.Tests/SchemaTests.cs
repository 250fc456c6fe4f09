using System.Text.Json;
using StratoVirt.Machine.Tests.Native;

namespace StratoVirt.Control.Tests;

/// <summary>The schema is held against what the server does, not against a list.</summary>
public sealed class SchemaTests
{
    [KvmFact]
    public void Every_command_and_event_is_in_the_schema_and_every_type_is_described()
    {
        using var served = new ServedMachine(start: false);
        using RawClient client = served.Connect();
        JsonElement[] schema = [.. client.Return("query-qmp-schema").EnumerateArray()];
        Dictionary<string, JsonElement> byName = schema.ToDictionary(entry => entry.GetProperty("name").GetString()!);
        Assert.Equal(Names(client.Return("query-commands")), Names(schema, "command"));
        Assert.Equal(Names(client.Return("query-events")), Names(schema, "event"));
        string[] used =
        [
            .. schema.SelectMany(entry => new[] { "arg-type", "ret-type", "element-type" }
                .Where(member => entry.TryGetProperty(member, out _)).Select(member => entry.GetProperty(member).GetString()!)),
            .. schema.Where(entry => entry.GetProperty("meta-type").GetString() == "object")
                .SelectMany(entry => entry.GetProperty("members").EnumerateArray()).Select(member => member.GetProperty("type").GetString()!),
        ];
        Assert.All(used, name => Assert.True(byName.ContainsKey(name), name));
    }

    /// <summary>A command with a member that must be given says so by failing without it, and takes no other.</summary>
    [KvmFact]
    public void Commands_take_what_the_schema_says()
    {
        using var served = new ServedMachine(start: false);
        using RawClient client = served.Connect();
        Dictionary<string, JsonElement> schema = client.Return("query-qmp-schema").EnumerateArray().ToDictionary(entry => entry.GetProperty("name").GetString()!);
        foreach (JsonElement command in schema.Values.Where(entry => entry.GetProperty("meta-type").GetString() == "command"))
        {
            string name = command.GetProperty("name").GetString()!;
            string[] required = [.. schema[command.GetProperty("arg-type").GetString()!].GetProperty("members").EnumerateArray()
                .Where(member => !member.TryGetProperty("default", out _)).Select(member => member.GetProperty("name").GetString()!)];
            if (required.Length > 0)
            {
                Assert.Equal($"Parameter '{required[0]}' is missing", client.Error(name).Description);
            }
            else if (name is not "device_add")
            {
                Assert.Equal("Parameter 'no-such-member' is unexpected", client.Error(name, """{"no-such-member":1}""").Description);
            }
        }
    }

    [KvmFact]
    public void What_a_query_returns_has_the_members_that_the_schema_promises()
    {
        using var served = new ServedMachine(cpus: 2);
        using RawClient client = served.Connect();
        Dictionary<string, JsonElement> schema = client.Return("query-qmp-schema").EnumerateArray().ToDictionary(entry => entry.GetProperty("name").GetString()!);
        int checkedCommands = 0;
        foreach (string command in client.Return("query-commands").EnumerateArray().Select(entry => entry.GetProperty("name").GetString()!))
        {
            if ((command.StartsWith("query-", StringComparison.Ordinal) && command != "query-balloon") || command is "x-stratovirt-status" or "x-stratovirt-metrics")
            {
                Check(client.Return(command), schema[command].GetProperty("ret-type").GetString()!, schema, command);
                checkedCommands++;
            }
        }

        Assert.InRange(checkedCommands, 15, 100);
    }

    private static void Check(JsonElement value, string type, Dictionary<string, JsonElement> schema, string where)
    {
        JsonElement entry = schema[type];
        switch (entry.GetProperty("meta-type").GetString())
        {
            case "object":
                Dictionary<string, JsonElement> members = entry.GetProperty("members").EnumerateArray().ToDictionary(member => member.GetProperty("name").GetString()!);
                Assert.All(value.EnumerateObject(), member => Assert.True(members.ContainsKey(member.Name), $"{where}.{member.Name}"));
                foreach ((string name, JsonElement member) in members)
                {
                    bool isThere = value.TryGetProperty(name, out JsonElement inner);
                    Assert.True(isThere || member.TryGetProperty("default", out _), $"{where}.{name}");
                    if (isThere)
                    {
                        Check(inner, member.GetProperty("type").GetString()!, schema, $"{where}.{name}");
                    }
                }

                break;
            case "array":
                Assert.Equal(JsonValueKind.Array, value.ValueKind);
                Assert.All(value.EnumerateArray(), item => Check(item, entry.GetProperty("element-type").GetString()!, schema, where));
                break;
            case "enum":
                Assert.Contains(value.GetString(), entry.GetProperty("values").EnumerateArray().Select(word => word.GetString()));
                break;
            default:
                Assert.True(
                    entry.GetProperty("json-type").GetString() switch
                    {
                        "string" => value.ValueKind == JsonValueKind.String,
                        "int" or "number" => value.ValueKind == JsonValueKind.Number,
                        "boolean" => value.ValueKind is JsonValueKind.True or JsonValueKind.False,
                        "null" => value.ValueKind == JsonValueKind.Null,
                        _ => true,
                    },
                    $"{where}: {value}");
                break;
        }
    }

    private static string[] Names(JsonElement list) => [.. list.EnumerateArray().Select(entry => entry.GetProperty("name").GetString()!).Order(StringComparer.Ordinal)];

    private static string[] Names(JsonElement[] schema, string metaType) =>
        [.. schema.Where(entry => entry.GetProperty("meta-type").GetString() == metaType).Select(entry => entry.GetProperty("name").GetString()!).Order(StringComparer.Ordinal)];
}
