using StratoVirt.Linux.Containment;

namespace StratoVirt.Linux.Tests.Containment;

public sealed class SystemCallTests
{
    [Fact]
    public void NamesAndNumbersGoBothWays()
    {
        List<SystemCall> all = SystemCall.All();
        Assert.True(all.Count > 300);
        Assert.All(all, call => Assert.Equal(call, SystemCall.Named(call.Name)));
        Assert.Equal(all.Count, all.Select(call => call.Name).Distinct().Count());
    }

    [Fact]
    public void ANameNobodyHasIsAnError()
    {
        Assert.Throws<ArgumentException>(() => SystemCall.Named("opena"));
        Assert.False(SystemCall.TryFind("@424", out _));
    }

    [Fact]
    public void ANumberBeyondTheTableIsShownAsOne() => Assert.Equal("#9999", new SystemCall(9999).Name);
}
