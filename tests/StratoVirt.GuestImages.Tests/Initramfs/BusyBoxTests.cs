using CsCheck;
using StratoVirt.GuestImages.Initramfs;
using Xunit;

namespace StratoVirt.GuestImages.Tests.Initramfs;

public class BusyBoxTests
{
    [Fact]
    public void ProgramWithAnInterpreterIsNotStatic()
    {
        byte[] image = BootMarkProgram.Create(0, 0, "/x");
        image[64] = 3;

        Assert.False(BusyBox.IsStatic(image));
    }

    [Fact]
    public void TheRunningProgramsShellIsNotStatic()
    {
        Assert.SkipUnless(File.Exists("/bin/bash"), "There is no /bin/bash.");
        Assert.False(BusyBox.IsStatic(File.ReadAllBytes("/bin/bash")));
    }

    [Fact]
    public void NoBytesMakeItThrow() =>
        Gen.Select(Gen.Int[0, 119], Gen.Byte).Array[1, 12].Sample(changes =>
        {
            byte[] image = BootMarkProgram.Create(0, 0, "/x");
            foreach ((int at, byte value) in changes)
            {
                image[at] = value;
            }

            BusyBox.IsStatic(image);
            BusyBox.IsStatic(image.AsSpan(0, changes[0].Item1));
        });
}
