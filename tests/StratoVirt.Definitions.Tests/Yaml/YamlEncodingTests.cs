using System.Text;
using StratoVirt.Definitions.Diagnostics;
using StratoVirt.Definitions.Yaml;

namespace StratoVirt.Definitions.Tests.Yaml;

public sealed class YamlEncodingTests
{
    private const string Good =
        "apiVersion: stratovirt/v1\nkind: VirtualMachine\nmetadata:\n  name: web\nspec:\n  boot:\n    kernel: /boot/é\n";

    [Fact]
    public void AByteOrderMarkIsNoFault()
    {
        byte[] utf8 = [0xEF, 0xBB, 0xBF, .. Encoding.UTF8.GetBytes(Good)];

        Assert.Equal("/boot/é", YamlDefinitionReader.Read(utf8, "vm.yaml").Spec.Boot.Kernel);
        Assert.Equal("/boot/é", YamlDefinitionReader.Read("\uFEFF" + Good, "vm.yaml").Spec.Boot.Kernel);
    }

    [Fact]
    public void WindowsLineEndsAreNoFault() =>
        Assert.Equal("/boot/é", YamlDefinitionReader.Read(Good.Replace("\n", "\r\n"), "vm.yaml").Spec.Boot.Kernel);

    [Fact]
    public void Utf16IsNamed()
    {
        byte[] utf16 = [.. Encoding.Unicode.GetPreamble(), .. Encoding.Unicode.GetBytes(Good)];

        DefinitionException thrown = Assert.Throws<DefinitionException>(() => YamlDefinitionReader.Read(utf16, "vm.yaml"));

        Assert.Equal(DiagnosticId.NotUtf8, thrown.Id);
        Assert.Contains("UTF-16", thrown.Message);
    }

    [Fact]
    public void TheFirstByteThatIsNotUtf8IsPlaced()
    {
        byte[] latin1 = Encoding.Latin1.GetBytes(Good);

        DefinitionException thrown = Assert.Throws<DefinitionException>(() => YamlDefinitionReader.Read(latin1, "vm.yaml"));

        Assert.Equal((DiagnosticId.NotUtf8, 7, 19), (thrown.Id, thrown.Diagnostics[0].Line, thrown.Diagnostics[0].Column));
        Assert.Contains("0xE9", thrown.Message);
    }

    [Theory]
    [InlineData('[')]
    [InlineData('{')]
    [InlineData('a')]
    [InlineData('\n')]
    public void TenMegabytesAreRefusedUnread(char filler)
    {
        DefinitionException text = Assert.Throws<DefinitionException>(() => YamlDefinitionReader.Read(new string(filler, 10 << 20), "vm.yaml"));
        DefinitionException reader = Assert.Throws<DefinitionException>(
            () => YamlDefinitionReader.Read(new StringReader(new string(filler, 10 << 20)), "vm.yaml"));

        Assert.Equal((DiagnosticId.TooLarge, 1), (text.Id, text.Diagnostics.Length));
        Assert.Equal(DiagnosticId.TooLarge, reader.Id);
    }

    [Fact]
    public void AFileWithoutEndIsRefused()
    {
        DefinitionException thrown = Assert.Throws<DefinitionException>(() => YamlDefinitionReader.ReadFile("/dev/zero"));

        Assert.Equal((DiagnosticId.TooLarge, "/dev/zero"), (thrown.Id, thrown.FileName));
    }
}
