using System.Collections.Immutable;

namespace StratoVirt.Devices.Virtio.Console;

// What the machine does with ports. Callable from any thread, one call at a time; carried out on the I/O thread.
public sealed partial class ConsoleDevice
{
    /// <summary>The ports at this moment, by number.</summary>
    public IReadOnlyList<ConsolePortStatus> Ports
    {
        get
        {
            var ports = new List<ConsolePortStatus>();
            Thread.Invoke(() =>
            {
                foreach (ConsolePort? port in _ports)
                {
                    if (port is { IsRemoved: false })
                    {
                        ports.Add(Describe(port));
                    }
                }
            });
            return ports;
        }
    }

    /// <summary>Counters at this moment, ports that are gone included.</summary>
    public ConsoleMetrics Metrics
    {
        get
        {
            ConsoleMetrics sum = default;
            Thread.Invoke(() =>
            {
                sum = _ports.Aggregate(_past, (total, port) => port is null ? total : Add(total, port))
                    with { BadMessages = _control.BadMessages, SmallBuffers = _control.SmallBuffers };
            });
            return sum;
        }
    }

    /// <summary>Adds a port; a guest that runs is told. Its host end is the device's from now on, if this returns.</summary>
    /// <returns>Its number.</returns>
    /// <exception cref="ArgumentException">The definition cannot be.</exception>
    /// <exception cref="InvalidOperationException">The number, the name or every number is taken; that of a port that
    /// was removed is so until the driver has heard of the removal.</exception>
    /// <exception cref="Linux.LinuxException">The process has no descriptor left.</exception>
    public int AddPort(ConsolePortDefinition definition)
    {
        ArgumentNullException.ThrowIfNull(definition);
        definition.Check();
        int number = 0;
        Thread.Invoke(() =>
        {
            number = ChooseNumber(definition);
            var port = new ConsolePort(this, number, definition);
            port.Channel.Attach(Thread, port);
            _ports[number] = port;
            if (_control.IsDriverReady)
            {
                port.News |= PortNews.Add;
                TellDriver();
            }
            else if (!IsMultiport && number == 0)
            {
                port.Transmit();
            }
        });
        return number;
    }

    /// <summary>Removes a port and its host end; output that waits is lost.</summary>
    /// <returns>False when there is no such port.</returns>
    public bool RemovePort(int number)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(number);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(number, _ports.Length);
        bool removed = false;
        _ports[number]?.Channel.Withdraw();
        Thread.Invoke(() =>
        {
            if (_ports[number] is not { IsRemoved: false } port)
            {
                return;
            }

            removed = true;
            port.DropOutput();
            port.IsRemoved = true;
            port.Channel.Dispose();
            port.News = port.IsAnnounced ? PortNews.Remove : PortNews.None;
            if (port.IsAnnounced)
            {
                TellDriver();
            }
            else
            {
                Forget(port);
            }
        });
        return removed;
    }

    /// <summary>Says how large a console's terminal is.</summary>
    /// <param name="number">The console's port.</param>
    /// <param name="columns">Columns, at least 1.</param>
    /// <param name="rows">Rows, at least 1.</param>
    /// <returns>False when there is no such console.</returns>
    public bool Resize(int number, ushort columns, ushort rows)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(number);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(number, _ports.Length);
        ArgumentOutOfRangeException.ThrowIfZero(columns);
        ArgumentOutOfRangeException.ThrowIfZero(rows);
        bool found = false;
        Thread.Invoke(() =>
        {
            if (_ports[number] is not { IsRemoved: false, IsConsole: true } port)
            {
                return;
            }

            found = true;
            port.Size = (columns, rows);
            port.News |= port.IsReady ? PortNews.Resize : PortNews.None;
            TellDriver();
            if (number == 0)
            {
                // Configuration space has a size for port 0 alone (§5.3.6).
                Volatile.Write(ref _size, columns | ((uint)rows << 16));
                Active?.Interrupts.ConfigurationChanged();
            }
        });
        return found;
    }

    /// <summary>The state. The device is paused.</summary>
    public ConsoleState Save() => new()
    {
        IsDriverReady = _control.IsDriverReady,
        Columns = (ushort)_size,
        Rows = (ushort)(_size >> 16),
        Ports =
        [
            .. _ports.OfType<ConsolePort>().Select(port => new ConsolePortState
            {
                Number = port.Number,
                Name = port.Name,
                IsConsole = port.IsConsole,
                IsAnnounced = port.IsAnnounced,
                IsReady = port.IsReady,
                IsGuestOpen = port.IsGuestOpen,
                IsToldOpen = port.IsToldOpen,
                News = (byte)port.News,
                TransmitOffset = port.TransmitOffset,
            }),
        ],
    };

    /// <summary>Takes a saved state over, before the transport activates the device. The ports are there already; one
    /// that the driver does not know is announced to it, and where somebody has come to a host end, or gone from it,
    /// the driver is told.</summary>
    /// <exception cref="DeviceStateException">The state is of another version, or knows a port that is not there.</exception>
    public void Restore(ConsoleState state)
    {
        ArgumentNullException.ThrowIfNull(state);
        DeviceStateException.CheckVersion("the console", state.Version, ConsoleState.CurrentVersion);
        Thread.Invoke(() =>
        {
            ImmutableArray<ConsolePortState> known = state.Ports.IsDefault ? [] : state.Ports;
            foreach (ConsolePortState saved in known)
            {
                // A port on its way out has no host end to come back to: it is announced as new where it is defined.
                if (!((PortNews)saved.News).HasFlag(PortNews.Remove) && Match(saved) is null)
                {
                    throw new DeviceStateException("the console", $"it has a port {saved.Number} '{saved.Name}' that the machine has not");
                }
            }

            _control.IsDriverReady = state.IsDriverReady;
            Volatile.Write(ref _size, state.Columns | ((uint)state.Rows << 16));
            foreach (ConsolePort port in _ports.OfType<ConsolePort>())
            {
                port.Reset();
                port.News = state.IsDriverReady ? PortNews.Add : PortNews.None;
            }

            foreach (ConsolePortState saved in known)
            {
                if (Match(saved) is { } port && !((PortNews)saved.News).HasFlag(PortNews.Remove))
                {
                    Load(port, saved);
                }
            }
        });
    }

    private static void Load(ConsolePort port, ConsolePortState saved)
    {
        port.IsAnnounced = saved.IsAnnounced;
        port.IsReady = saved.IsReady;
        port.IsGuestOpen = saved.IsGuestOpen;
        port.IsToldOpen = saved.IsToldOpen;
        port.TransmitOffset = saved.TransmitOffset;
        port.News = (PortNews)saved.News & ~(PortNews.Open | PortNews.Close);
        if (!saved.IsReady)
        {
            return;
        }

        // Whoever was at the host end is gone with the machine that was saved.
        port.News |= saved.IsToldOpen && !port.Channel.IsConnected ? PortNews.Close : PortNews.None;
        port.News |= !saved.IsToldOpen && port.Channel.IsConnected ? PortNews.Open : PortNews.None;
    }

    private static ConsoleMetrics Add(ConsoleMetrics sum, ConsolePort port) => sum with
    {
        TransmittedBytes = sum.TransmittedBytes + port.Transmitted,
        ReceivedBytes = sum.ReceivedBytes + port.Received,
        DroppedBytes = sum.DroppedBytes + port.Dropped,
    };

    private ConsolePort? Match(ConsolePortState saved) =>
        saved.Number >= 0 && saved.Number < _ports.Length
        && _ports[saved.Number] is { } port && port.Name == saved.Name && port.IsConsole == saved.IsConsole
            ? port
            : null;

    private int ChooseNumber(ConsolePortDefinition definition)
    {
        if (definition.Name.Length > 0 && _ports.Any(port => port is { IsRemoved: false } && port.Name == definition.Name))
        {
            throw new InvalidOperationException($"The console device has a port named '{definition.Name}' already.");
        }

        if (definition.Number is { } wanted)
        {
            return wanted >= 0 && wanted < _ports.Length && _ports[wanted] is null
                ? wanted
                : throw new InvalidOperationException($"Port {wanted} of the console device is taken, or beyond the {_ports.Length} it can have.");
        }

        int first = definition.IsConsole ? 0 : 1;
        int free = Array.FindIndex(_ports, Math.Min(first, _ports.Length), port => port is null);
        return free >= 0
            ? free
            : throw new InvalidOperationException($"The console device has all the {_ports.Length} ports it can have.");
    }

    private static ConsolePortStatus Describe(ConsolePort port) => new(
        port.Number,
        port.Name,
        port.IsConsole,
        port.IsReady,
        port.IsGuestOpen,
        port.Channel.IsConnected,
        port.Channel.Problem,
        port.Transmitted,
        port.Received,
        port.Dropped);
}
