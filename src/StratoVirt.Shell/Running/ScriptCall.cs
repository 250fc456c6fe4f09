using System.Management.Automation.Language;
using System.Management.Automation.Runspaces;

namespace StratoVirt.Shell.Running;

/// <summary>The call of a script file. The engine keeps an <c>exit</c> of a script it runs directly to itself; called
/// from a statement, the script's code comes back in <c>$LASTEXITCODE</c> and <c>$?</c> says whose it is: a program's
/// that failed before does not count, as in pwsh.</summary>
internal static class ScriptCall
{
    private const string PassExitOn = "if (-not $?) { exit $(if ($LASTEXITCODE) { $LASTEXITCODE } else { 1 }) }";

    /// <param name="path">The script's full path.</param>
    /// <param name="arguments">Its arguments.</param>
    /// <param name="keepScope">Whether its variables and functions stay, for a prompt that follows.</param>
    /// <param name="takesInput">Whether it reads the pipeline's input.</param>
    public static Command Create(string path, IReadOnlyList<CommandParameter> arguments, bool keepScope, bool takesInput)
    {
        bool isScriptFile = Path.GetExtension(path).Equals(".ps1", StringComparison.OrdinalIgnoreCase);
        // pwsh runs a file of another name (a script that begins with #!) as text; the engine would execute it.
        string text = isScriptFile ? CallOf(path, keepScope, takesInput) : File.ReadAllText(path);
        var command = new Command(text, isScript: true, useLocalScope: false);
        foreach (var argument in arguments)
            command.Parameters.Add(argument);
        return command;
    }

    private static string CallOf(string path, bool keepScope, bool takesInput)
    {
        string input = takesInput ? "$input | " : "";
        string operation = keepScope ? "." : "&";
        return $"{input}{operation} '{CodeGeneration.EscapeSingleQuotedStringContent(path)}' @args\n{PassExitOn}";
    }
}
