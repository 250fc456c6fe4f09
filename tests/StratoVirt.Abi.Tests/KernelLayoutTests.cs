using System.Globalization;
using System.Reflection;
using StratoVirt.Linux.Containment;

namespace StratoVirt.Abi.Tests;

public sealed class KernelLayoutTests
{
    [Fact]
    public void TheCatalogIsNotEmpty()
    {
        Assert.Contains(AbiCatalog.Structures, type => type.Name == "kvm_run");
        Assert.Contains(AbiCatalog.Structures, type => type.Name == "epoll_event");
        Assert.Contains(AbiCatalog.Structures, type => type.Name == "VcpuSpecialRegisters");
        Assert.Contains(AbiCatalog.Constants, field => field.Name == "KVM_RUN");
        Assert.Contains(AbiCatalog.Constants, field => field.Name == "EPOLL_CTL_MOD");
    }

    [Fact]
    public async Task EveryStructureIsLaidOutAsTheKernels()
    {
        CCompiler.SkipWithout();
        var claims = new List<(string What, string Expression, long Ours)>();
        foreach (Type structure in AbiCatalog.Structures)
        {
            string type = AbiCatalog.CTypeOf(structure);
            claims.Add(($"size of {structure.FullName}", $"sizeof({type})", ManagedLayout.SizeOf(structure)));
            foreach (FieldInfo field in AbiCatalog.FieldsOf(structure))
            {
                string name = AbiCatalog.CNameOf(field);
                string what = $"{structure.FullName}.{field.Name}";
                claims.Add(($"offset of {what}", $"offsetof({type}, {name})", ManagedLayout.OffsetOf(field)));
                claims.Add(($"size of {what}", $"sizeof((({type} *)0)->{name})", ManagedLayout.SizeOf(field.FieldType)));
            }
        }

        await CompareAsync(claims);
    }

    [Fact]
    public async Task EveryConstantHasTheKernelsValue()
    {
        CCompiler.SkipWithout();
        await CompareAsync(
        [
            .. AbiCatalog.Constants.Select(field => (
                $"{field.DeclaringType!.Name}.{field.Name}",
                field.Name,
                Convert.ToInt64(field.GetRawConstantValue(), CultureInfo.InvariantCulture))),
        ]);
    }

    [Fact]
    public async Task EveryPublicEnumerationHasTheKernelsValues()
    {
        CCompiler.SkipWithout();
        await CompareAsync(
        [
            .. PublicNames.All.Select(entry => (
                $"{entry.Value.GetType().Name}.{entry.Value}",
                entry.KernelName,
                Convert.ToInt64(entry.Value, CultureInfo.InvariantCulture))),
        ]);
    }

    [Fact]
    public async Task EverySystemCallHasTheKernelsNumber()
    {
        CCompiler.SkipWithout();
        await CompareAsync([.. SystemCall.All().Select(call => (call.Name, $"SYS_{call.Name}", (long)call.Number))]);
    }

    private static async Task CompareAsync(List<(string What, string Expression, long Ours)> claims)
    {
        long[] kernel = await CCompiler.EvaluateAsync(
            [.. claims.Select(claim => claim.Expression)], TestContext.Current.CancellationToken);
        Assert.Equal(claims.Count, kernel.Length);
        string[] wrong =
        [
            .. claims.Zip(kernel)
                .Where(pair => pair.First.Ours != pair.Second)
                .Select(pair => $"{pair.First.What}: ours {pair.First.Ours}, the kernel's {pair.Second}"),
        ];
        Assert.True(wrong.Length == 0, string.Join('\n', wrong));
    }
}
