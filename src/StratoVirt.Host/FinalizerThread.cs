using System.Runtime.CompilerServices;

namespace StratoVirt.Host;

/// <summary>The one thread that the runtime has had since before this program began. It inherits nothing that the main
/// thread sets up later, and runs nothing but finalizers: so it is reached by one.</summary>
internal static class FinalizerThread
{
    /// <summary>Has something done on it, and waits for that.</summary>
    public static void Run(Action action)
    {
        Abandon(action);
        GC.Collect();
        GC.WaitForPendingFinalizers();
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static void Abandon(Action action) => _ = new Carrier(action);

    private sealed class Carrier(Action action)
    {
        ~Carrier() => action();
    }
}
