using System.Collections.Immutable;
using CsCheck;

namespace StratoVirt.Definitions.Tests;

/// <summary>Definitions to test with: a plain one, and any valid one at all.</summary>
internal static class Definitions
{
    internal static readonly VmDefinition Plain = new()
    {
        Metadata = new VmMetadata { Name = "web-1" },
        Spec = new VmSpec { Boot = new BootSpec { Kernel = "/boot/vmlinuz" } },
    };

    private static readonly Gen<string> Names =
        Gen.Select(Gen.Char["abcXYZ019"], Gen.String[Gen.Char["abcXYZ019._-"], 0, 62])
            .Select((first, rest) => (first + rest).Replace("..", "._"));

    // Everything YAML can stumble over: indicators, words and numbers of any version, breaks, surrogate pairs.
    private static readonly Gen<string> AwkwardText = Gen.OneOf(
        Gen.OneOf("", "yes", "No", "on", "~", "null", "010", "0x10", "1e3", ".inf", "12:30:45", "2026-01-01", "- x", "a: b", "a #b",
            " x", "x ", "'", "\"", "\\", "%x", "@x", "`x", "*x", "&x", "!x", "<<", "=", "---", "...", "{", "[a", "?", ":", "x:", "|", ">-",
            "\u2028", "\uFEFF", "\u00A0", "é", "\U0001F600", "1_000", "+1", "1."),
        Gen.String[Gen.Char["ab 01:#-'\"\\{}[],&*!|>%@`~?=\u00e9\u2029"], 0, 20]);

    private static readonly Gen<string> Paths = AwkwardText.Select(text => "/" + text);

    private static readonly Gen<ByteSize> Memory = Gen.Int[8, 1 << 19].Select(granules => ByteSize.FromMebibytes((ulong)granules * 2));

    private static readonly Gen<ImmutableSortedDictionary<string, string>> Labels =
        Gen.Dictionary(Names.Select(name => name + "/x"), AwkwardText)[0, 5].Select(d => d.ToImmutableSortedDictionary());

    private static readonly Gen<BootSpec> Boots = Gen.Select(Gen.Bool, Paths, Paths.Null(), AwkwardText.Null()).Select((builtIn, kernel, initrd, commandLine) =>
        builtIn
            ? new BootSpec { BuiltIn = true, CommandLine = commandLine }
            : new BootSpec { Kernel = kernel, Initrd = initrd, CommandLine = commandLine });

    private static readonly Gen<ConsoleSpec> Consoles = Gen.Select(Gen.ULong[4096, 64 << 20], Gen.Bool, Gen.ULong[64 << 10, 1 << 30])
        .Select((history, log, limit) => new ConsoleSpec { History = new(history), Log = log, LogLimit = new(limit) });

    private static readonly Gen<(bool Acpi, int Polling)> Settings = Gen.Select(Gen.Bool, Gen.Int[0, VmSpec.MaxPolling]);

    internal static readonly Gen<VmDefinition> Any = Gen.Select(Gen.Select(Names, Labels, Gen.Enum<WantedState>()), Gen.Int[1, 254], Memory, Settings, Boots, Consoles, DeviceLists.Any)
        .Select((head, cpus, memory, settings, boot, console, devices) => new VmDefinition
        {
            Metadata = new VmMetadata { Name = head.Item1, Labels = head.Item2 },
            Spec = devices with
            {
                State = head.Item3,
                Cpus = cpus,
                Memory = memory,
                Acpi = settings.Acpi,
                Polling = settings.Polling,
                Boot = boot,
                Console = console,
            },
        });
}
