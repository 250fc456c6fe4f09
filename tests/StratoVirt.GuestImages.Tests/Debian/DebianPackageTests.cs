using StratoVirt.GuestImages.Debian;
using Xunit;

namespace StratoVirt.GuestImages.Tests.Debian;

public class DebianPackageTests
{
    private const string Sum = "45457bcfc86c87585800b5656bdf2773b063a3bb95486b0e820d51e870491f8d";

    private const string Record =
        $"""
        Package: linux-image-amd64
        Version: 6.1.192-2
        Depends: libc6 (>= 2.36), linux-image-6.1.0-56-amd64 (= 6.1.192-2) | other
        Description: Linux for 64-bit PCs (meta-package)
         Version: not a field but a continuation line
        Size: 1480
        SHA256: {Sum}

        Package: linux-image-amd64
        Version: 6.1.176-1
        """;

    [Fact]
    public void TheFirstRecordIsRead()
    {
        DebianPackage package = DebianPackage.Parse(Record)!;

        Assert.Equal(("linux-image-amd64", "6.1.192-2", 1480L, Sum), (package.Name, package.Version, package.Size, package.Sha256));
        Assert.Equal(("linux-image-6.1.0-56-amd64", "6.1.192-2"), package.FindDependency("linux-image-"));
        Assert.Equal(("libc6", null), package.FindDependency("libc"));
        Assert.Null(package.FindDependency("busybox"));
    }

    [Theory]
    [InlineData("")]
    [InlineData("N: No packages found\n")]
    [InlineData("Package: a\nVersion: 1\nSize: 1\nSHA256: short\n")]
    [InlineData($"Package: a\nVersion: 1\nSize: -1\nSHA256: {Sum}\n")]
    [InlineData($"Package: a\nVersion: 1\n\nSize: 1\nSHA256: {Sum}\n")]
    public void IncompleteRecordsAreNone(string text) => Assert.Null(DebianPackage.Parse(text));

    [Theory]
    [InlineData("linux-image-6.1.0-56-amd64", true)]
    [InlineData("libstdc++6", true)]
    [InlineData("-o", false)]
    [InlineData("a", false)]
    [InlineData("a=1", false)]
    [InlineData("a b", false)]
    [InlineData("../a", false)]
    public void NamesFollowDebianPolicy(string name, bool valid) => Assert.Equal(valid, DebianPackage.IsValidName(name));
}
