namespace StratoVirt.Host.CommandLine;

/// <summary>The command line cannot be understood or asks for something that is not here. The message names the option
/// and the value, and the nearest word there is.</summary>
internal sealed class CommandLineException(string message) : Exception(message);
