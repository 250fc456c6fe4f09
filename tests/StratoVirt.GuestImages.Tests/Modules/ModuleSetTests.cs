using CsCheck;
using StratoVirt.GuestImages.Modules;
using Xunit;

namespace StratoVirt.GuestImages.Tests.Modules;

public class ModuleSetTests
{
    [Fact]
    public void DependenciesComeFirstAndOnce()
    {
        var catalog = new Catalog(
            ("virtio", "virtio_ring"),
            ("virtio_ring", ""),
            ("virtio_blk", "virtio,virtio_ring"),
            ("virtio_net", "virtio_ring,virtio"));

        Assert.Equal(
            ["virtio_ring", "virtio", "virtio_net", "virtio_blk"],
            Order(["virtio_net", "virtio-blk", "virtio_net"], catalog));
    }

    [Fact]
    public void BuiltInModulesNeedNoFile()
    {
        var catalog = new Catalog(("kvm_amd", "kvm,ccp")) { BuiltIn = new HashSet<string> { "kvm", "ccp", "ext4" } };

        Assert.Equal(["kvm_amd"], Order(["ext4", "kvm-amd"], catalog));
    }

    [Fact]
    public void MissingDependencyIsAnErrorThatNamesBoth()
    {
        var failure = Assert.Throws<GuestImageException>(() => Order(["ext4"], new Catalog(("ext4", "jbd2")), true));

        Assert.Equal(GuestImageErrorId.ModuleNotFound, failure.Id);
        Assert.Contains("'ext4' needs 'jbd2'", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void MissingModuleIsLeftOutOnlyWhereAllowed()
    {
        Assert.Empty(Order(["nosuch"], new Catalog(), skipMissing: true));
        var failure = Assert.Throws<GuestImageException>(() => Order(["nosuch"], new Catalog(), skipMissing: false));
        Assert.Equal(GuestImageErrorId.ModuleNotFound, failure.Id);
    }

    [Theory]
    [InlineData("a:a")]
    [InlineData("a:b b:a")]
    [InlineData("a:b b:c c:d d:b")]
    public void CirclesAreRefused(string graph)
    {
        var catalog = new Catalog([.. graph.Split(' ').Select(edge => (edge.Split(':')[0], edge.Split(':')[1]))]);

        Assert.Equal(
            GuestImageErrorId.ModuleCycle, Assert.Throws<GuestImageException>(() => Order(["a"], catalog)).Id);
    }

    [Fact]
    public void LongChainsNeedNoStack()
    {
        const int Length = 50_000;
        var catalog = new Catalog(
            [.. Enumerable.Range(0, Length).Select(i => ($"m{i}", i + 1 < Length ? $"m{i + 1}" : ""))]);

        Assert.Equal(Length, Order(["m0"], catalog).Count);
    }

    [Fact]
    public void EveryOrderIsLoadable() =>
        Gen.Int[1, 40].SelectMany(count => Gen.Int[0, count - 1].Array[0, 5].Array[count, count]).Sample(graph =>
        {
            // Edges lead to higher numbers only, so that there is no circle.
            var catalog = new Catalog(
                [.. graph.Select((to, from) => ($"m{from}", string.Join(',', to.Where(t => t > from).Select(t => $"m{t}"))))]);
            IReadOnlyList<string> order = Order(Enumerable.Range(0, graph.Length).Select(i => $"m{i}"), catalog);

            var loaded = new HashSet<string>();
            foreach (string name in order)
            {
                Assert.All(catalog.Find(name)!.Depends, dependency => Assert.Contains(dependency, loaded));
                Assert.True(loaded.Add(name));
            }

            Assert.Equal(graph.Length, loaded.Count);
        });

    private static List<string> Order(IEnumerable<string> wanted, Catalog catalog, bool skipMissing = false) =>
        [.. ModuleSet.Resolve(wanted, catalog, skipMissing).Select(module => module.Name)];

    private sealed class Catalog(params (string Name, string Depends)[] modules) : IModuleCatalog
    {
        private readonly Dictionary<string, ModuleInfo> _modules = modules.ToDictionary(
            module => module.Name,
            module => new ModuleInfo(
                module.Name, module.Depends.Split(',', StringSplitOptions.RemoveEmptyEntries), string.Empty));

        public IReadOnlySet<string> BuiltIn { get; init; } = new HashSet<string>();

        public ModuleInfo? Find(string name) => _modules.GetValueOrDefault(name);

        public IReadOnlyDictionary<string, byte[]> Load(
            IReadOnlyCollection<string> names, CancellationToken cancellationToken) =>
            throw new NotSupportedException("Order is found without loading.");
    }
}
