using System.Reflection;

namespace StratoVirt.Machine.BuiltIn;

/// <summary>The guest this assembly carries: an ELF file with a PVH note, assembled by StratoVirt.Guests.</summary>
internal static class BuiltInGuest
{
    private const string Resource = "StratoVirt.Machine.BuiltIn.hello.elf";

    /// <summary>Opens the file.</summary>
    /// <returns>A stream that can seek; the caller disposes it.</returns>
    public static Stream Open() => Assembly.GetExecutingAssembly().GetManifestResourceStream(Resource)
        ?? throw new InvalidOperationException($"The assembly was built without the resource {Resource}.");
}
