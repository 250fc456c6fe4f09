using StratoVirt.Backends.VhostUser;
using Xunit;

namespace StratoVirt.Backends.Tests.VhostUser;

public sealed class VirtioFsCommandTests
{
    private const string QemuHelp = "-o source=PATH  shared directory tree\n--socket-path=PATH";
    private const string RustHelp = "--shared-dir <SHARED_DIR>\n--socket-path <SOCKET_PATH>";

    [Fact]
    public void The_program_of_qemu_is_given_its_options() => Assert.Equal(
        ["/v", "--socket-path=/s", "-f", "-o", "source=/a\\,b", "-o", "sandbox=namespace", "-o", "log_level=warn"],
        VirtioFsCommand.For("/v", new VirtioFsShare { Path = "/a,b" }, "/s", QemuHelp, isRoot: true));

    [Fact]
    public void Its_successor_is_given_its_own() => Assert.Equal(
        ["/v", "--socket-path=/s", "--shared-dir", "/a,b", "--sandbox", "chroot", "--log-level", "warn"],
        VirtioFsCommand.For("/v", new VirtioFsShare { Path = "/a,b", Sandbox = VirtioFsSandbox.Chroot }, "/s", RustHelp, isRoot: false));

    [Fact]
    public void Who_knows_read_only_is_asked_for_it() => Assert.Equal(
        "--readonly",
        VirtioFsCommand.For("/v", new VirtioFsShare { Path = "/a", ReadOnly = true }, "/s", RustHelp + "\n--readonly", isRoot: false)[^1]);

    [Fact]
    public void Who_does_not_is_given_a_read_only_mount()
    {
        IReadOnlyList<string> command = VirtioFsCommand.For("/v", new VirtioFsShare { Path = "/a b", ReadOnly = true }, "/s", QemuHelp, isRoot: true);
        Assert.Equal(["unshare", "--mount", "sh", "-c"], command.Take(4));
        Assert.Equal(["sh", "/a b", "/v"], command.Skip(5).Take(3));
    }

    [Theory]
    [InlineData(QemuHelp, "/a", false, false, VhostUserError.NotPermitted, "root")]
    [InlineData(RustHelp, "/a", true, false, VhostUserError.NotPermitted, "--readonly")]
    [InlineData(QemuHelp, "/", false, true, VhostUserError.Unservable, "root directory")]
    [InlineData(QemuHelp, "/a/..", false, true, VhostUserError.Unservable, "root directory")]
    public void What_the_program_cannot_do_is_said_before_it_is_tried(
        string help, string path, bool readOnly, bool isRoot, VhostUserError error, string word)
    {
        VhostUserException refused = Assert.Throws<VhostUserException>(
            () => VirtioFsCommand.For("/v", new VirtioFsShare { Path = path, ReadOnly = readOnly }, "/s", help, isRoot));
        Assert.Equal(error, refused.Error);
        Assert.Contains(word, refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_directory_that_is_none_is_refused() =>
        Assert.Throws<VhostUserException>(() => VirtioFsDaemon.Start(new VirtioFsShare { Path = "/no such directory" }));

    [Fact]
    public void A_program_that_is_none_is_refused() =>
        Assert.Throws<VhostUserException>(() => VirtioFsDaemon.Start(new VirtioFsShare { Path = "/tmp", Program = "/no/such/program" }));

    [Fact]
    public void A_program_that_ends_at_once_says_why_not()
    {
        VhostUserException refused = Assert.Throws<VhostUserException>(
            () => VirtioFsDaemon.Start(new VirtioFsShare { Path = "/tmp", Program = "/bin/false" }));
        Assert.Contains("ended with 1", refused.Message, StringComparison.Ordinal);
    }
}
