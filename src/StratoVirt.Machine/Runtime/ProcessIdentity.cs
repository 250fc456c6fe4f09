using System.Globalization;

namespace StratoVirt.Machine.Runtime;

/// <summary>Tells processes apart although their ids are reused: by when they started.</summary>
internal static class ProcessIdentity
{
    /// <summary>Fields of <c>/proc/PID/stat</c> between the command's closing bracket and the start time, which is
    /// field 22 (proc_pid_stat(5)); the first behind the bracket is field 3.</summary>
    private const int StartTimeIndex = 22 - 3;

    /// <summary>When a process started, in clock ticks since the host booted; null when there is no such process.</summary>
    internal static ulong? StartTicksOf(int processId)
    {
        string stat;
        try
        {
            stat = File.ReadAllText(string.Create(CultureInfo.InvariantCulture, $"/proc/{processId}/stat"));
        }
        catch (IOException)
        {
            // ENOENT, or ESRCH when it ends between open and read: either way it is gone.
            return null;
        }

        // The command may hold spaces and brackets of its own.
        string[] fields = stat[(stat.LastIndexOf(')') + 1)..].Split(' ', StringSplitOptions.RemoveEmptyEntries);
        return fields.Length > StartTimeIndex
            && ulong.TryParse(fields[StartTimeIndex], NumberStyles.None, CultureInfo.InvariantCulture, out ulong ticks)
                ? ticks
                : null;
    }

    /// <summary>The very process that an owner file names is still there.</summary>
    internal static bool IsAlive(RuntimeOwner owner) =>
        owner.ProcessId > 0 && StartTicksOf(owner.ProcessId) is ulong ticks && ticks == owner.ProcessStartTicks;
}
