using System.Management.Automation.Language;

namespace StratoVirt.Shell.Running;

/// <summary>Whether a script reads its pipeline's input. Standard input is drained only for one that does: the
/// others leave it to the programs they start.</summary>
internal static class PipelineInput
{
    public static bool IsReadBy(ScriptBlockAst script)
    {
        if (script.ProcessBlock is { Unnamed: false })
            return true;
        if (script.ParamBlock?.Parameters.Any(TakesPipeline) == true)
            return true;
        return script.Find(node => node is VariableExpressionAst variable
            && variable.VariablePath.UserPath.Equals("input", StringComparison.OrdinalIgnoreCase)
            && OwnerOf(variable) == script, searchNestedScriptBlocks: true) is not null;
    }

    private static bool TakesPipeline(ParameterAst parameter) =>
        parameter.Attributes.OfType<AttributeAst>().Any(attribute => attribute.NamedArguments.Any(argument =>
            argument.ArgumentName.StartsWith("ValueFromPipeline", StringComparison.OrdinalIgnoreCase)));

    private static ScriptBlockAst? OwnerOf(Ast node)
    {
        for (Ast? parent = node.Parent; parent is not null; parent = parent.Parent)
        {
            if (parent is ScriptBlockAst owner)
                return owner;
        }
        return null;
    }
}
