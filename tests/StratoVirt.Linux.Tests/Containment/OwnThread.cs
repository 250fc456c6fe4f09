using System.Runtime.ExceptionServices;

namespace StratoVirt.Linux.Tests.Containment;

/// <summary>What binds a thread for good is tried on one that ends.</summary>
internal static class OwnThread
{
    internal static void Run(Action test)
    {
        // What the first comparison loads could not be loaded in there, and a load that has failed is not tried again: every
        // comparison of this process would fail.
        Assert.Equal(Errno.None, Errno.None);
        Assert.Equal(0, 0);
        Assert.Equal("", "");
        ExceptionDispatchInfo? failure = null;
        var thread = new Thread(() =>
        {
            try
            {
                test();
            }
            catch (Exception exception)
            {
                failure = ExceptionDispatchInfo.Capture(exception);
            }
        });
        thread.Start();
        thread.Join();
        failure?.Throw();
    }
}
