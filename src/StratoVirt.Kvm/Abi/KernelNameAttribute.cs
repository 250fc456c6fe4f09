namespace StratoVirt.Kvm.Abi;

/// <summary>The kernel's name of a public type or field whose layout is the kernel's. A field without it is named as
/// the kernel names it, in another case (<c>ApicBase</c>, <c>apic_base</c>). The layout tests go by it.</summary>
/// <param name="name">A structure's name, or a member's, which may lie in a nested structure (<c>nmi.masked</c>).</param>
[AttributeUsage(AttributeTargets.Struct | AttributeTargets.Field)]
internal sealed class KernelNameAttribute(string name) : Attribute
{
    internal string Name { get; } = name;
}
