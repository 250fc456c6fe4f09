namespace StratoVirt.Host.CommandLine;

/// <summary>Whether something has to follow an option.</summary>
internal enum OptionArgument
{
    None,
    Required,
    Optional,
}

/// <summary>An option of the command line.</summary>
/// <param name="Name">As it is written, without the dash.</param>
/// <param name="Argument">Whether something follows.</param>
/// <param name="Form">How the argument looks, for the help.</param>
/// <param name="Summary">What it does, for the help; null leaves it out of the help.</param>
/// <param name="Apply">Carries it out: the option as written, and its argument or an empty text.</param>
internal sealed record CommandOption(
    string Name, OptionArgument Argument, string Form, string? Summary, Action<CommandSettings, string, string> Apply)
{
    /// <summary>An option that is taken and changes nothing, so that command lines written for others are understood.</summary>
    public static CommandOption Ignored(string name, OptionArgument argument) => new(name, argument, "", null, (_, _, _) => { });

    /// <summary>An option that is known and cannot be carried out.</summary>
    public static CommandOption Refused(string name, OptionArgument argument, string why) => new(
        name, argument, "", null, (_, option, value) => throw new CommandLineException(
            $"{option}{(value.Length == 0 ? "" : $" {value}")} is not supported: {why}"));
}
