using System.Text;
using StratoVirt.Backends.Char;

namespace StratoVirt.Testing;

/// <summary>A character backend that keeps everything printed to it.</summary>
public sealed class RecordingCharBackend : ICharBackend
{
    private readonly Lock _gate = new();
    private readonly List<byte> _printed;

    /// <summary>Makes an empty one.</summary>
    /// <param name="capacity">Bytes it takes without allocating.</param>
    public RecordingCharBackend(int capacity = 4096) => _printed = new List<byte>(capacity);

    /// <summary>A copy of what was printed.</summary>
    public byte[] Printed
    {
        get
        {
            lock (_gate)
            {
                return [.. _printed];
            }
        }
    }

    /// <summary>What was printed, as Latin-1 text.</summary>
    public string Text => Encoding.Latin1.GetString(Printed);

    /// <inheritdoc/>
    public void Write(ReadOnlySpan<byte> data)
    {
        lock (_gate)
        {
            foreach (byte value in data)
            {
                _printed.Add(value);
            }
        }
    }
}
