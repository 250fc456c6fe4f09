using System.Globalization;
using System.Reflection;

namespace StratoVirt.PowerShell.Tests.Hosting;

/// <summary>The host program that the build has put into bin/, made part of the staged module.</summary>
internal static class HostProgram
{
    private static readonly string Built = Path.Combine(
        typeof(HostProgram).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>().Single(data => data.Key == "RepositoryRoot").Value!,
        "bin",
        "stratovirt");

    /// <summary>Skips the present test, with the reason, where no machine can run detached.</summary>
    public static void Require()
    {
        Assert.SkipUnless(File.Exists(Built), $"there is no {Built}: run build.ps1 -Task Build");
        try
        {
            File.Open("/dev/kvm", FileMode.Open, FileAccess.ReadWrite).Dispose();
        }
        catch (Exception refused) when (refused is IOException or UnauthorizedAccessException)
        {
            Assert.Skip($"/dev/kvm cannot be opened: {refused.Message}");
        }

        string staged = Path.Combine(ModuleSession.ModuleDirectory, "bin", "stratovirt");
        if (new FileInfo(staged).LinkTarget is null && !File.Exists(staged))
        {
            File.CreateSymbolicLink(staged, Built);
        }
    }

    /// <summary>How much of something a test does: a small number, unless the environment asks for another.</summary>
    public static int Amount(string variable, int small) =>
        Environment.GetEnvironmentVariable(variable) is { Length: > 0 } asked ? int.Parse(asked, CultureInfo.InvariantCulture) : small;
}
