using StratoVirt.Linux.Handles;
using StratoVirt.Qmp.Commands;
using StratoVirt.Qmp.Messages;
using StratoVirt.Qmp.Sessions;

namespace StratoVirt.Control.Commands;

/// <summary>Descriptors of a client that he calls by names. They are his alone, and go with him.</summary>
internal static class DescriptorHandlers
{
    /// <summary>Adds the commands.</summary>
    public static void Add(QmpCommandTable table, ControlContext context)
    {
        table.Add(DescriptorCommands.GetFd, arguments => Name(context, arguments.Fdname));
        table.Add(DescriptorCommands.CloseFd, arguments => Close(context, arguments.Fdname));
    }

    /// <summary>No descriptor of a name.</summary>
    public static QmpException NotFound(string name) => QmpException.Generic($"File descriptor named '{name}' has not been found");

    private static QmpNothing Name(ControlContext context, string name)
    {
        FileDescriptor given = context.Enclosures?.Take() ?? throw QmpException.Generic("No file descriptor supplied via SCM_RIGHTS");
        string? problem = name.Length == 0 || char.IsAsciiDigit(name[0]) ? "Parameter 'fdname' expects a name not starting with a digit"
            : !context.Enclosures.TryName(name, given) ? "Too many file descriptors have names: close some, or use them"
            : null;
        if (problem is not null)
        {
            given.Dispose();
            throw QmpException.Generic(problem);
        }

        return QmpNothing.Instance;
    }

    // QEMU says this in other words than where a netdev asks for one.
    private static QmpNothing Close(ControlContext context, string name)
    {
        (context.Enclosures?.TakeNamed(name) ?? throw QmpException.Generic($"File descriptor named '{name}' not found")).Dispose();
        return QmpNothing.Instance;
    }
}
