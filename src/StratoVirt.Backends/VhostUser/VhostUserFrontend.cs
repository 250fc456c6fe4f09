using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using StratoVirt.Linux.Handles;
using StratoVirt.Linux.Net;
using StratoVirt.Memory;

namespace StratoVirt.Backends.VhostUser;

/// <summary>
/// The front-end of the vhost-user protocol: hands guest memory and split virtqueues to another process and takes the
/// queues back. Every member may throw <see cref="VhostUserException"/>, after which the connection is of no more use.
/// One caller at a time.
/// </summary>
/// <remarks>Ring addresses are "user addresses" of a memory table that says which those are. Guest physical addresses
/// serve as such, so the other process learns nothing about where things are in this one.</remarks>
public sealed class VhostUserFrontend : IDisposable
{
    /// <summary>Regions of guest memory, at most: what one message carries.</summary>
    public const int MaxRegions = UnixSocket.MaxDescriptors;

    // VHOST_USER_F_PROTOCOL_FEATURES, a bit that no virtio device uses.
    private const ulong ExtensionsFeature = 1UL << 30;
    private const VhostUserExtensions KnownExtensions =
        VhostUserExtensions.QueueCount | VhostUserExtensions.Acknowledgements | VhostUserExtensions.Reset;

    private readonly VhostUserChannel _channel;
    private ulong _features;
    private VhostUserExtensions _extensions;

    /// <summary>Takes over a connection to a back-end.</summary>
    /// <param name="socket">The connection; owned.</param>
    /// <param name="patience">How long an answer may take.</param>
    public VhostUserFrontend(UnixSocket socket, TimeSpan patience) => _channel = new VhostUserChannel(socket, patience);

    /// <summary>The connection, to be watched for a hang-up and for nothing else.</summary>
    public FileDescriptor Connection => _channel.Socket;

    /// <summary>Virtio features the back-end offers, once <see cref="Open"/> has been called.</summary>
    public ulong Features => _features & ~ExtensionsFeature;

    /// <summary>Agrees on the protocol, first of all.</summary>
    /// <param name="queues">Queues the device needs.</param>
    /// <exception cref="VhostUserException">The back-end cannot serve them, or does not answer as it should.</exception>
    public void Open(int queues)
    {
        _features = Get(VhostUserRequest.GetFeatures);
        if ((_features & ExtensionsFeature) != 0)
        {
            _extensions = (VhostUserExtensions)Get(VhostUserRequest.GetProtocolFeatures) & KnownExtensions;

            // What is agreed on here holds for the next request only.
            VhostUserExtensions agreed = _extensions;
            _extensions = VhostUserExtensions.None;
            Set(VhostUserRequest.SetProtocolFeatures, (ulong)agreed);
            _extensions = agreed;
        }

        if ((_extensions & VhostUserExtensions.QueueCount) != 0 && Get(VhostUserRequest.GetQueueCount) is var count && count < (ulong)queues)
        {
            throw new VhostUserException($"The back-end serves {count} queues, the device needs {queues}.");
        }

        Set(VhostUserRequest.SetOwner, []);
    }

    /// <summary>Tells what was negotiated with the driver.</summary>
    /// <param name="features">A part of <see cref="Features"/>.</param>
    public void SetFeatures(ulong features) => Set(VhostUserRequest.SetFeatures, features | (_features & ExtensionsFeature));

    /// <summary>Shares all guest memory there is now.</summary>
    /// <exception cref="VhostUserException">It cannot be shared; see <see cref="CheckShareable"/>.</exception>
    public void ShareMemory(GuestMemory memory)
    {
        CheckShareable(memory);
        ReadOnlySpan<GuestMemoryRegion> regions = memory.Regions;
        Span<byte> payload = stackalloc byte[
            Unsafe.SizeOf<VhostUserMemoryTable>() + (Unsafe.SizeOf<VhostUserMemoryRegion>() * regions.Length)];
        MemoryMarshal.Write(payload, new VhostUserMemoryTable { Count = (uint)regions.Length });
        var files = new FileDescriptor[regions.Length];
        for (int i = 0; i < regions.Length; i++)
        {
            files[i] = regions[i].SharedFile!;
            GuestRange range = regions[i].Range;
            int offset = Unsafe.SizeOf<VhostUserMemoryTable>() + (Unsafe.SizeOf<VhostUserMemoryRegion>() * i);
            MemoryMarshal.Write(payload[offset..], new VhostUserMemoryRegion
            {
                GuestAddress = range.Start.Value,
                Length = range.Length,
                UserAddress = range.Start.Value,
            });
        }

        Set(VhostUserRequest.SetMemoryTable, payload, files);
    }

    /// <summary>Whether another process can be given a guest's memory.</summary>
    /// <exception cref="VhostUserException">Part of it is this process's own, or it is in too many pieces.</exception>
    public static void CheckShareable(GuestMemory memory)
    {
        ArgumentNullException.ThrowIfNull(memory);
        if (!memory.IsShared)
        {
            throw new VhostUserException(
                VhostUserError.MemoryUnshareable,
                "The guest's memory is private to this process: a device served by another process needs shared memory.");
        }

        if (memory.Regions.Length > MaxRegions)
        {
            throw new VhostUserException(
                VhostUserError.MemoryUnshareable,
                $"The guest's memory is in {memory.Regions.Length} pieces: a device served by another process takes {MaxRegions}.");
        }
    }

    /// <summary>Has a queue served from now on. The back-end looks at it when it is kicked.</summary>
    public void StartQueue(in VhostUserQueue queue)
    {
        uint index = (uint)queue.Index;
        SetState(VhostUserRequest.SetVringSize, index, queue.Size);
        SetState(VhostUserRequest.SetVringBase, index, queue.Base);
        var addresses = new VhostUserVringAddresses
        {
            Index = index,
            DescriptorArea = queue.DescriptorArea.Value,
            DeviceArea = queue.DeviceArea.Value,
            DriverArea = queue.DriverArea.Value,
        };
        Set(VhostUserRequest.SetVringAddresses, MemoryMarshal.AsBytes(new ReadOnlySpan<VhostUserVringAddresses>(in addresses)));
        SetEvent(VhostUserRequest.SetVringCall, index, queue.Call.Event);
        SetEvent(VhostUserRequest.SetVringKick, index, queue.Kick.Event);
        if ((_features & ExtensionsFeature) != 0)
        {
            SetState(VhostUserRequest.SetVringEnable, index, 1);
        }
    }

    /// <summary>Takes a queue back. When this returns the back-end has completed what it had of it.</summary>
    /// <returns>The available index the back-end would have looked at next.</returns>
    public ushort StopQueue(int index)
    {
        Span<VhostUserVringState> state = [new VhostUserVringState { Index = (uint)index }];
        _channel.Send(VhostUserRequest.GetVringBase, wantsReply: false, MemoryMarshal.AsBytes(state));
        _channel.Receive(VhostUserRequest.GetVringBase, MemoryMarshal.AsBytes(state));
        if (state[0].Index != (uint)index || state[0].Number > ushort.MaxValue)
        {
            throw new VhostUserException($"The back-end was asked for queue {index}'s position and told {state[0].Number} of queue {state[0].Index}.");
        }

        return (ushort)state[0].Number;
    }

    /// <summary>Has the back-end forget the driver, where it can do that; all queues are stopped.</summary>
    public void Reset()
    {
        if ((_extensions & VhostUserExtensions.Reset) != 0)
        {
            Set(VhostUserRequest.ResetDevice, []);
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _channel.Dispose();

    private ulong Get(VhostUserRequest request)
    {
        Span<ulong> value = [0];
        _channel.Send(request, wantsReply: false, []);
        _channel.Receive(request, MemoryMarshal.AsBytes(value));
        return value[0];
    }

    private void Set(VhostUserRequest request, ulong value) =>
        Set(request, MemoryMarshal.AsBytes(new ReadOnlySpan<ulong>(in value)));

    private void SetState(VhostUserRequest request, uint index, uint number)
    {
        var state = new VhostUserVringState { Index = index, Number = number };
        Set(request, MemoryMarshal.AsBytes(new ReadOnlySpan<VhostUserVringState>(in state)));
    }

    private void SetEvent(VhostUserRequest request, uint index, EventFd descriptor)
    {
        ulong value = index;
        Set(request, MemoryMarshal.AsBytes(new ReadOnlySpan<ulong>(in value)), descriptor);
    }

    private void Set(VhostUserRequest request, ReadOnlySpan<byte> payload, params ReadOnlySpan<FileDescriptor> descriptors)
    {
        bool acknowledged = (_extensions & VhostUserExtensions.Acknowledgements) != 0;
        _channel.Send(request, acknowledged, payload, descriptors);
        if (!acknowledged)
        {
            return;
        }

        Span<ulong> status = [0];
        _channel.Receive(request, MemoryMarshal.AsBytes(status));
        if (status[0] != 0)
        {
            throw new VhostUserException($"The back-end refused {request}: {status[0]}.");
        }
    }
}
