using System.Runtime.CompilerServices;

namespace StratoVirt.Kvm.Abi;

[InlineArray(8)]
internal struct bytes8
{
    private byte _first;
}

[InlineArray(15)]
internal struct bytes15
{
    private byte _first;
}

[InlineArray(4)]
internal struct words4
{
    private ulong _first;
}

[InlineArray(6)]
internal struct words6
{
    private ulong _first;
}

[InlineArray(16)]
internal struct words16
{
    private ulong _first;
}
