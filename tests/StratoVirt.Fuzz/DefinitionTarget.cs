using StratoVirt.Definitions;
using StratoVirt.Definitions.Diagnostics;
using StratoVirt.Definitions.Json;
using StratoVirt.Definitions.Yaml;

namespace StratoVirt.Fuzz;

/// <summary>Any bytes, read as YAML and as JSON, are a definition or a <see cref="DefinitionException"/>; and what was
/// read is written back and reads the same.</summary>
internal static class DefinitionTarget
{
    internal static void Run(ReadOnlySpan<byte> input)
    {
        try
        {
            RoundTrip(YamlDefinitionReader.Read(input, "fuzz.yaml"));
        }
        catch (DefinitionException fault)
        {
            RequirePlaces(fault);
        }

        try
        {
            RoundTrip(DefinitionJson.Deserialize(input, "fuzz.json"));
        }
        catch (DefinitionException fault)
        {
            RequirePlaces(fault);
        }
    }

    private static void RoundTrip(VmDefinition definition)
    {
        // A second fault here is ours, not the input's: it must not pass for a refusal.
        try
        {
            if (YamlDefinitionReader.Read(YamlDefinitionWriter.Write(definition), "written.yaml") != definition
                || DefinitionJson.Deserialize(DefinitionJson.Serialize(definition)) != definition)
            {
                throw new InvalidOperationException($"What was written does not read the same: {definition}");
            }
        }
        catch (DefinitionException fault)
        {
            throw new InvalidOperationException("What was written cannot be read.", fault);
        }
    }

    private static void RequirePlaces(DefinitionException fault)
    {
        if (fault.Diagnostics.Any(d => d.Line is null or < 1 || d.Column is null or < 1))
        {
            throw new InvalidOperationException("A finding has no place.", fault);
        }
    }
}
