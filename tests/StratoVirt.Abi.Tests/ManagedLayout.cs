using System.Reflection;
using System.Reflection.Emit;

namespace StratoVirt.Abi.Tests;

/// <summary>Where the runtime puts things: asked of the code it generates, not of the marshaller.</summary>
internal static class ManagedLayout
{
    internal static int SizeOf(Type type)
    {
        var method = new DynamicMethod("SizeOf", typeof(int), Type.EmptyTypes, typeof(ManagedLayout), skipVisibility: true);
        ILGenerator il = method.GetILGenerator();
        il.Emit(OpCodes.Sizeof, type);
        il.Emit(OpCodes.Ret);
        return method.CreateDelegate<Func<int>>()();
    }

    internal static int OffsetOf(FieldInfo field)
    {
        Type structure = field.DeclaringType!;
        var method = new DynamicMethod("OffsetOf", typeof(int), Type.EmptyTypes, typeof(ManagedLayout), skipVisibility: true);
        ILGenerator il = method.GetILGenerator();
        LocalBuilder local = il.DeclareLocal(structure);
        il.Emit(OpCodes.Ldloca, local);
        il.Emit(OpCodes.Ldflda, field);
        il.Emit(OpCodes.Conv_U);
        il.Emit(OpCodes.Ldloca, local);
        il.Emit(OpCodes.Conv_U);
        il.Emit(OpCodes.Sub);
        il.Emit(OpCodes.Conv_I4);
        il.Emit(OpCodes.Ret);
        return method.CreateDelegate<Func<int>>()();
    }
}
