using System.Runtime.ExceptionServices;

namespace StratoVirt.Linux.Tests.Containment;

/// <summary>What binds a thread for good is tried on one that ends.</summary>
internal static class OwnThread
{
    internal static void Run(Action test)
    {
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
