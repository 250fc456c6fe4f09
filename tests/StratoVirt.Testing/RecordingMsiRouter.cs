using StratoVirt.Devices.Pci.Msix;

namespace StratoVirt.Testing;

/// <summary>Gives out routes that keep what devices do with them.</summary>
/// <param name="limit">Routes it has.</param>
public sealed class RecordingMsiRouter(int limit = int.MaxValue) : IMsiRouter
{
    private readonly List<RecordingMsiRoute> _routes = [];

    /// <summary>The routes given out, given back or not, in order.</summary>
    public IReadOnlyList<RecordingMsiRoute> Routes => _routes;

    /// <summary>Routes given out and not given back.</summary>
    public int InUse => _routes.Count(route => !route.IsDisposed);

    /// <inheritdoc/>
    public IMsiRoute Allocate()
    {
        if (InUse >= limit)
        {
            throw new InvalidOperationException($"All {limit} routes are in use.");
        }

        RecordingMsiRoute route = new();
        _routes.Add(route);
        return route;
    }
}
