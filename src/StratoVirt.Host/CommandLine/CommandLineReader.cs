namespace StratoVirt.Host.CommandLine;

/// <summary>Reads a command line into settings: options by the table, one dash or two.</summary>
internal static class CommandLineReader
{
    /// <summary>Reads the arguments of the process.</summary>
    /// <exception cref="CommandLineException">An option or its argument is not understood.</exception>
    public static CommandSettings Read(IReadOnlyList<string> arguments)
    {
        var settings = new CommandSettings();
        for (int i = 0; i < arguments.Count; i++)
        {
            string written = arguments[i];
            CommandOption option = Find(written);
            string value = string.Empty;
            if (option.Argument != OptionArgument.None && i + 1 < arguments.Count
                && (option.Argument == OptionArgument.Required || !arguments[i + 1].StartsWith('-')))
            {
                value = arguments[++i];
            }
            else if (option.Argument == OptionArgument.Required)
            {
                throw new CommandLineException($"{written}: an argument has to follow: {option.Form}.");
            }

            option.Apply(settings, written, value);
        }

        return settings;
    }

    private static CommandOption Find(string written)
    {
        string name = written.StartsWith("--", StringComparison.Ordinal) ? written[2..]
            : written.StartsWith('-') ? written[1..]
            : throw new CommandLineException($"'{written}' is no option, and nothing before it takes it.");
        foreach (CommandOption option in OptionTable.All)
        {
            if (option.Name == name)
            {
                return option;
            }
        }

        throw new CommandLineException($"{written}: there is no such option"
            + KeyedText.Nearest(name, OptionTable.All.Where(option => option.Summary is not null).Select(option => option.Name)));
    }
}
