using System.Runtime.InteropServices;

namespace StratoVirt.Linux.Processes;

/// <summary>An array of C strings, ended by a null pointer.</summary>
internal sealed class NativeStrings : IDisposable
{
    private readonly nint[] _strings;
    private GCHandle _pinned;

    internal NativeStrings(IReadOnlyList<string> strings)
    {
        _strings = [.. strings.Select(Marshal.StringToCoTaskMemUTF8), 0];
        _pinned = GCHandle.Alloc(_strings, GCHandleType.Pinned);
    }

    internal nint Pointer => _pinned.AddrOfPinnedObject();

    internal nint First => _strings[0];

    public void Dispose()
    {
        _pinned.Free();
        Array.ForEach(_strings, Marshal.FreeCoTaskMem);
    }
}
