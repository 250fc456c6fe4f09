using System.Buffers.Binary;
using System.Diagnostics;
using System.Text;
using StratoVirt.Backends.VhostUser;
using StratoVirt.Devices.Virtio.FileSystem;
using StratoVirt.Testing.Virtio;
using Xunit;

namespace StratoVirt.Devices.Tests.Virtio.FileSystem;

/// <summary>The installed virtiofsd, driven through a queue as the guest's kernel drives it.</summary>
public sealed class VirtioFsDaemonTests
{
    private const uint Lookup = 1;
    private const uint Open = 14;
    private const uint Read = 15;
    private const uint Init = 26;
    private const uint Create = 35;
    private const int RequestHeader = 40;
    private const int ReplyHeader = 16;
    private const ulong Root = 1;
    private const int NoEntry = -2;
    private const int ReadOnlyFileSystem = -30;

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    [Fact]
    public void A_file_of_the_host_is_read_by_the_guest()
    {
        using var share = new Share(readOnly: false);
        share.Start();
        File.WriteAllText(Path.Combine(share.Directory, "hello"), "from the host");
        ulong node = share.Find("hello", expected: 0);
        Assert.NotEqual(0UL, node);
        byte[] open = share.Ask(Open, node, new byte[8], expected: 0);
        byte[] read = new byte[40];
        open.AsSpan(0, 8).CopyTo(read);
        BinaryPrimitives.WriteUInt32LittleEndian(read.AsSpan(16), 100);
        Assert.Equal("from the host", Encoding.UTF8.GetString(share.Ask(Read, node, read, expected: 0)));
        share.Find("no such file", NoEntry);

        // Taken away and given again, the device goes on where it was.
        share.Rig.Device.Pause();
        share.Rig.Device.Resume();
        Assert.Equal(node, share.Find("hello", expected: 0));
    }

    [Fact]
    public void A_guest_writes_where_it_may()
    {
        using var share = new Share(readOnly: false);
        share.Start();
        share.Ask(Create, Root, CreateArguments("new"), expected: 0);
        Assert.True(File.Exists(Path.Combine(share.Directory, "new")));
    }

    [Fact]
    public void A_read_only_share_is_read_only()
    {
        using var share = new Share(readOnly: true);
        share.Start();
        File.WriteAllText(Path.Combine(share.Directory, "hello"), "from the host");
        share.Find("hello", expected: 0);
        share.Ask(Create, Root, CreateArguments("new"), ReadOnlyFileSystem);
        Assert.False(File.Exists(Path.Combine(share.Directory, "new")));
    }

    [Fact]
    public void A_guest_that_starts_again_is_served_again()
    {
        using var share = new Share(readOnly: false);
        share.Start();
        share.Rig.Device.Reset();
        share.Rig.Activate();
        share.Start();
        share.Find("no such file", NoEntry);
    }

    [Fact]
    public void A_process_that_is_killed_fails_the_device()
    {
        using var share = new Share(readOnly: false);
        using var process = Process.GetProcessById(share.Daemon.ProcessId);
        process.Kill(entireProcessTree: true);
        Assert.True(SpinWait.SpinUntil(() => share.Rig.Device.Fault is not null, Patience));
        Assert.Contains("virtiofsd", share.Rig.Device.Fault, StringComparison.Ordinal);
    }

    [Fact]
    public void The_process_ends_with_the_device()
    {
        int id;
        using (var share = new Share(readOnly: false))
        {
            id = share.Daemon.ProcessId;
            Assert.True(Directory.Exists($"/proc/{id}"));
        }

        Assert.False(Directory.Exists($"/proc/{id}"));
    }

    private static byte[] CreateArguments(string name)
    {
        // struct fuse_create_in: flags O_WRONLY|O_CREAT, mode 0644, umask, open_flags; then the name.
        byte[] arguments = new byte[16];
        BinaryPrimitives.WriteUInt32LittleEndian(arguments, 0x41);
        BinaryPrimitives.WriteUInt32LittleEndian(arguments.AsSpan(4), 0x81A4);
        return [.. arguments, .. Encoding.UTF8.GetBytes(name), 0];
    }

    private sealed class Share : IDisposable
    {
        private readonly DirectoryInfo _directory = System.IO.Directory.CreateTempSubdirectory("stratovirt-share-");
        private ulong _unique;

        internal Share(bool readOnly)
        {
            Daemon = TryStart(new VirtioFsShare { Path = _directory.FullName, ReadOnly = readOnly });
            TestGuestMemory memory = TestGuestMemory.CreateShared();
            Rig = new DeviceUnderTest<FileSystemDevice>(
                thread => new FileSystemDevice(new FileSystemConfiguration { Tag = "t" }, Daemon, memory.Memory, thread),
                memory: memory);
        }

        internal VirtioFsDaemon Daemon { get; }

        internal DeviceUnderTest<FileSystemDevice> Rig { get; }

        internal string Directory => _directory.FullName;

        /// <summary>FUSE_INIT, protocol 7.31.</summary>
        internal void Start()
        {
            byte[] arguments = new byte[16];
            BinaryPrimitives.WriteUInt32LittleEndian(arguments, 7);
            BinaryPrimitives.WriteUInt32LittleEndian(arguments.AsSpan(4), 31);
            byte[] reply = Ask(Init, 0, arguments, expected: 0);
            Assert.Equal(7U, BinaryPrimitives.ReadUInt32LittleEndian(reply));
        }

        /// <summary>FUSE_LOOKUP in the root; the node's id.</summary>
        internal ulong Find(string name, int expected)
        {
            byte[] reply = Ask(Lookup, Root, [.. Encoding.UTF8.GetBytes(name), 0], expected);
            return reply.Length >= 8 ? BinaryPrimitives.ReadUInt64LittleEndian(reply) : 0;
        }

        /// <summary>One FUSE request on the request queue, and the payload of its reply.</summary>
        internal byte[] Ask(uint operation, ulong node, byte[] arguments, int expected)
        {
            byte[] request = new byte[RequestHeader + arguments.Length];
            BinaryPrimitives.WriteUInt32LittleEndian(request, (uint)request.Length);
            BinaryPrimitives.WriteUInt32LittleEndian(request.AsSpan(4), operation);
            BinaryPrimitives.WriteUInt64LittleEndian(request.AsSpan(8), ++_unique);
            BinaryPrimitives.WriteUInt64LittleEndian(request.AsSpan(16), node);
            arguments.CopyTo(request.AsSpan(RequestHeader));
            DriverBuffer header = Rig.Memory.Writable(ReplyHeader);
            DriverBuffer payload = Rig.Memory.Writable(4096);
            int interrupts = Rig.Interrupts.Of(1);
            Rig.Queues[1].Add([
                Rig.Memory.Readable(request.AsSpan(0, RequestHeader)),
                Rig.Memory.Readable(request.AsSpan(RequestHeader)),
                header,
                payload,
            ]);
            Rig.Notify(1);
            Assert.True(
                SpinWait.SpinUntil(() => Rig.Interrupts.Of(1) > interrupts, Patience),
                $"no answer to request {operation}: {Rig.Device.Fault}");
            Assert.True(SpinWait.SpinUntil(() => Rig.Queues[1].TryCollect(out _), Patience));
            ReadOnlySpan<byte> reply = Rig.Memory.Span(header);
            Assert.Equal(_unique, BinaryPrimitives.ReadUInt64LittleEndian(reply[8..]));
            Assert.Equal(expected, BinaryPrimitives.ReadInt32LittleEndian(reply[4..]));
            return Rig.Memory.Span(payload)[..(BinaryPrimitives.ReadInt32LittleEndian(reply) - ReplyHeader)].ToArray();
        }

        public void Dispose()
        {
            Assert.Empty(Rig.Faults);
            Rig.Dispose();
            _directory.Delete(recursive: true);
        }

        /// <summary>Namespaces where they are permitted, else a changed root; a test without either is skipped.</summary>
        private VirtioFsDaemon TryStart(VirtioFsShare share)
        {
            string refused = "virtiofsd is not installed";
            if (VirtioFsDaemon.UsualPrograms.Any(File.Exists))
            {
                foreach (VirtioFsSandbox sandbox in Enum.GetValues<VirtioFsSandbox>())
                {
                    try
                    {
                        return VirtioFsDaemon.Start(share with { Sandbox = sandbox });
                    }
                    catch (VhostUserException failure)
                    {
                        refused = failure.Message;
                    }
                }
            }

            _directory.Delete(recursive: true);
            Assert.Skip(refused);
            return null!;
        }
    }
}
