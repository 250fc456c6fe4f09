using System.Text;

namespace StratoVirt.Host.CommandLine;

/// <summary>The help: the options of the table that do something.</summary>
internal static class HelpText
{
    /// <summary>The whole text.</summary>
    public static string Create()
    {
        var text = new StringBuilder(
            """
            Usage: stratovirt -kernel FILE [option...]
            Runs one virtual machine in this process. Start-StratoVm -Detached starts it with a definition instead.


            """);
        foreach (CommandOption option in OptionTable.All)
        {
            if (option.Summary is not null)
            {
                text.Append("  -").Append(option.Name).Append(option.Form.Length == 0 ? "" : " ").Append(option.Form).Append('\n')
                    .Append("        ").Append(option.Summary).Append('\n');
            }
        }

        return text.ToString();
    }
}
