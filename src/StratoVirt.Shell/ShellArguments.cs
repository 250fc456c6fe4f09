using System.Management.Automation.Runspaces;

namespace StratoVirt.Shell;

/// <summary>The command line could not be understood; the message says which argument and what to do.</summary>
internal sealed class ShellArgumentException(string message) : Exception(message);

/// <summary>Reads a pwsh command line: the same names, abbreviations and rules for a script's arguments.</summary>
internal static class ShellArguments
{
    public const string Usage = """
        usage: strato [options] [FILE [arguments]]
               strato [options] -c COMMAND
               strato [options]            a prompt; commands from standard input where that is no terminal

          -File, -f FILE          run a script; everything after FILE goes to it
          -Command, -c TEXT       run the text; '-' reads commands from standard input
          -NoExit, -noe           show the prompt afterwards
          -NonInteractive, -noni  a question to the user is an error
          -WorkingDirectory, -wd  start in this directory
          -NoLogo, -nol           no greeting above the prompt
          -NoProfile, -nop        accepted; this host reads no profile
          -ExecutionPolicy, -ep   accepted; there are no execution policies on Linux
          -Version, -v            the versions of the engine and of this host
          -Help, -h               this text

        A minimal host around PowerShell's engine: it carries the commands of Microsoft.PowerShell.Core.
        With PowerShell 7.6 or later on PATH, ./strato uses that instead.

        """;

    private static readonly (string Name, string Shortest)[] Names =
    [
        ("command", "c"), ("file", "f"), ("noexit", "noe"), ("noninteractive", "noni"), ("nologo", "nol"),
        ("noprofile", "nop"), ("interactive", "i"), ("version", "v"), ("help", "h"), ("?", "?"),
        ("workingdirectory", "w"), ("wd", "wd"), ("executionpolicy", "ex"), ("ep", "ep"),
    ];

    public static ShellOptions Parse(IReadOnlyList<string> args)
    {
        var options = new ShellOptions();
        for (int i = 0; i < args.Count; i++)
        {
            if (args[i] == "-")
                return options with { Mode = ShellMode.StandardInput };
            if (!IsParameter(args[i]))
                return ScriptOf(options, args, i);
            switch (Resolve(args[i]))
            {
                case "command":
                    return CommandOf(options, args, i + 1);
                case "file":
                    return ScriptOf(options, args, i + 1);
                case "noexit":
                    options = options with { NoExit = true };
                    break;
                case "noninteractive":
                    options = options with { NonInteractive = true };
                    break;
                case "nologo":
                    options = options with { NoLogo = true };
                    break;
                case "workingdirectory" or "wd":
                    options = options with { WorkingDirectory = ValueOf(args, ref i) };
                    break;
                case "executionpolicy" or "ep":
                    _ = ValueOf(args, ref i);
                    break;
                case "version":
                    return options with { Mode = ShellMode.Version };
                case "help" or "?":
                    return options with { Mode = ShellMode.Help };
                case "noprofile" or "interactive":
                    break;
                default:
                    throw new ShellArgumentException($"unknown option '{args[i]}'; -Help lists the options.");
            }
        }
        return options;
    }

    /// <summary>The script's arguments by pwsh's rules: <c>-Name</c>, <c>-Name:value</c>, <c>-Name: value</c>,
    /// <c>-Switch:$true</c>, else positional.</summary>
    internal static List<CommandParameter> ScriptArguments(IEnumerable<string> args)
    {
        var parameters = new List<CommandParameter>();
        string? pending = null;
        foreach (string arg in args)
        {
            int colon = arg.IndexOf(':', StringComparison.Ordinal);
            if (pending is not null)
            {
                parameters.Add(new CommandParameter(pending, arg));
                pending = null;
            }
            else if (!IsParameter(arg))
            {
                parameters.Add(new CommandParameter(null, arg));
            }
            else if (colon < 0)
            {
                parameters.Add(new CommandParameter(arg));
            }
            else if (colon == arg.Length - 1)
            {
                pending = arg[..colon];
            }
            else
            {
                parameters.Add(new CommandParameter(arg[..colon], BooleanOr(arg[(colon + 1)..])));
            }
        }
        if (pending is not null)
            parameters.Add(new CommandParameter(pending));
        return parameters;
    }

    private static ShellOptions CommandOf(ShellOptions options, IReadOnlyList<string> args, int first)
    {
        if (first >= args.Count)
            throw new ShellArgumentException("-Command needs the text to run.");
        return args[first] == "-"
            ? options with { Mode = ShellMode.StandardInput }
            : options with { Mode = ShellMode.Command, Text = string.Join(' ', args.Skip(first)) };
    }

    private static ShellOptions ScriptOf(ShellOptions options, IReadOnlyList<string> args, int first)
    {
        if (first >= args.Count)
            throw new ShellArgumentException("-File needs the path of a script.");
        if (args[first] == "-")
            return options with { Mode = ShellMode.StandardInput };
        return options with
        {
            Mode = ShellMode.File,
            Text = args[first],
            Arguments = ScriptArguments(args.Skip(first + 1)),
        };
    }

    // The engine takes the typographic dashes for a dash too (PowerShell language specification 3.0, 2.2.1).
    private static bool IsParameter(string arg) => arg.Length > 1 && arg[0] is '-' or '\u2013' or '\u2014' or '\u2015';

    private static string? Resolve(string arg)
    {
        string name = arg.StartsWith("--", StringComparison.Ordinal) ? arg[2..] : arg[1..];
        foreach (var (full, shortest) in Names)
        {
            if (full.StartsWith(name, StringComparison.OrdinalIgnoreCase)
                && name.StartsWith(shortest, StringComparison.OrdinalIgnoreCase))
                return full;
        }
        return null;
    }

    private static string ValueOf(IReadOnlyList<string> args, ref int index)
    {
        if (index + 1 >= args.Count)
            throw new ShellArgumentException($"{args[index]} needs a value.");
        return args[++index];
    }

    private static object BooleanOr(string value) => value.ToUpperInvariant() switch
    {
        "$TRUE" or "TRUE" => true,
        "$FALSE" or "FALSE" => false,
        _ => value,
    };
}
