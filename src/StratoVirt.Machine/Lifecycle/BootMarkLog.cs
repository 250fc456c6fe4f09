using System.Diagnostics;

namespace StratoVirt.Machine.Lifecycle;

/// <summary>The first boot marks a guest has written. Bounded, because a guest may write without end; recording
/// allocates nothing.</summary>
internal sealed class BootMarkLog
{
    private const int Capacity = 64;

    private readonly object _gate = new();
    private readonly (byte Code, long Timestamp)[] _marks = new (byte, long)[Capacity];
    private int _count;
    private long _start = Stopwatch.GetTimestamp();

    /// <summary>Forgets all marks and counts time from now.</summary>
    public void Begin()
    {
        lock (_gate)
        {
            _count = 0;
            _start = Stopwatch.GetTimestamp();
        }
    }

    /// <summary>Records a mark; marks behind the first 64 are dropped.</summary>
    public void Add(byte code, long timestamp)
    {
        lock (_gate)
        {
            if (_count < Capacity)
            {
                _marks[_count++] = (code, timestamp);
                Monitor.PulseAll(_gate);
            }
        }
    }

    /// <summary>The marks so far, oldest first.</summary>
    public IReadOnlyList<BootMark> ToList()
    {
        lock (_gate)
        {
            var marks = new BootMark[_count];
            for (int i = 0; i < marks.Length; i++)
            {
                marks[i] = new BootMark(_marks[i].Code, Stopwatch.GetElapsedTime(_start, _marks[i].Timestamp));
            }

            return marks;
        }
    }
}
