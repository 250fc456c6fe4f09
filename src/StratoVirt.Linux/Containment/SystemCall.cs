using System.Globalization;
using System.Runtime.InteropServices;
using System.Text;
using StratoVirt.Linux.Abi;

namespace StratoVirt.Linux.Containment;

/// <summary>A system call of the architecture this runs on. Policies name calls as the kernel's manual does, which makes
/// them readable there and independent of the architecture's numbers.</summary>
/// <param name="Number">Its number.</param>
public readonly record struct SystemCall(int Number)
{
    private static bool IsX64 => RuntimeInformation.ProcessArchitecture == System.Runtime.InteropServices.Architecture.X64;

    private static ReadOnlySpan<byte> Names => IsX64 ? Abi.X64.SystemCallTable.Names : Abi.Arm64.SystemCallTable.Names;

    /// <summary>How the kernel tells this architecture's calls from others' (AUDIT_ARCH_*).</summary>
    public static uint Architecture => IsX64 ? LibC.AUDIT_ARCH_X86_64 : LibC.AUDIT_ARCH_AARCH64;

    /// <summary>Its name, or <c>#n</c> where the table ends before it.</summary>
    public string Name
    {
        get
        {
            foreach ((int number, Range name) in new TableWalk(Names))
            {
                if (number == Number)
                {
                    return Encoding.ASCII.GetString(Names[name]);
                }
            }

            return string.Create(CultureInfo.InvariantCulture, $"#{Number}");
        }
    }

    /// <summary>The call of a name.</summary>
    /// <exception cref="ArgumentException">This architecture has none of that name.</exception>
    public static SystemCall Named(string name) => TryFind(name, out SystemCall call)
        ? call
        : throw new ArgumentException($"No system call is named '{name}' here.", nameof(name));

    /// <summary>The call of a name; false where this architecture has none, as aarch64 has no <c>epoll_wait</c>.</summary>
    public static bool TryFind(string name, out SystemCall call)
    {
        ArgumentException.ThrowIfNullOrEmpty(name);
        foreach ((int number, Range place) in new TableWalk(Names))
        {
            if (Ascii.Equals(Names[place], name))
            {
                call = new SystemCall(number);
                return true;
            }
        }

        call = default;
        return false;
    }

    /// <inheritdoc/>
    public override string ToString() => Name;

    /// <summary>All calls of the table.</summary>
    internal static List<SystemCall> All()
    {
        var all = new List<SystemCall>();
        foreach ((int number, Range _) in new TableWalk(Names))
        {
            all.Add(new SystemCall(number));
        }

        return all;
    }

    /// <summary>Goes through a table: names in the order of their numbers, <c>@n</c> to go on at n.</summary>
    private ref struct TableWalk(ReadOnlySpan<byte> names)
    {
        private readonly ReadOnlySpan<byte> _names = names;
        private int _next;
        private int _number = -1;

        public (int Number, Range Name) Current { get; private set; }

        public readonly TableWalk GetEnumerator() => this;

        public bool MoveNext()
        {
            while (_next < _names.Length)
            {
                int length = _names[_next..].IndexOf((byte)' ');
                Range word = _next..(length < 0 ? _names.Length : _next + length);
                _next = word.End.Value + 1;
                if (_names[word][0] == (byte)'@')
                {
                    _number = int.Parse(_names[word][1..], CultureInfo.InvariantCulture) - 1;
                    continue;
                }

                Current = (++_number, word);
                return true;
            }

            return false;
        }
    }
}
