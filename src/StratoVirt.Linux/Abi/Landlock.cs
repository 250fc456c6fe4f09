using System.Runtime.InteropServices;

namespace StratoVirt.Linux.Abi;

/// <summary>What a ruleset governs, as of Landlock's first version. Later versions add to its end: the kernel takes any
/// length whose unknown part is zero.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct landlock_ruleset_attr
{
    internal ulong handled_access_fs;
}

/// <summary>A directory or file and what is allowed beneath it.</summary>
[StructLayout(LayoutKind.Sequential, Pack = 1)]
internal struct landlock_path_beneath_attr
{
    internal ulong allowed_access;
    internal int parent_fd;
}

internal static partial class LibC
{
    // Calls that came after 2019 have one number on every architecture.
    internal const int SYS_landlock_create_ruleset = 444;
    internal const int SYS_landlock_add_rule = 445;
    internal const int SYS_landlock_restrict_self = 446;
    internal const int LANDLOCK_CREATE_RULESET_VERSION = 1;
    internal const int LANDLOCK_RULE_PATH_BENEATH = 1;

    [LibraryImport(Library, EntryPoint = "syscall", SetLastError = true)]
    internal static partial nint landlock_create_ruleset(nint number, ref ulong attributes, nint size, nint flags);

    [LibraryImport(Library, EntryPoint = "syscall", SetLastError = true)]
    internal static partial nint landlock_add_rule(
        nint number, nint ruleset, nint kind, in landlock_path_beneath_attr rule, nint flags);
}
