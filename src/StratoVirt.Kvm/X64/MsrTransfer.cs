using StratoVirt.Kvm.Abi;
using StratoVirt.Kvm.Abi.X64;
using StratoVirt.Linux;
using StratoVirt.Linux.Handles;
using static StratoVirt.Kvm.Abi.X64.KvmIoctlX64;

namespace StratoVirt.Kvm.X64;

/// <summary>KVM_GET_MSRS and KVM_SET_MSRS for any number of registers.</summary>
internal static class MsrTransfer
{
    // KVM takes fewer than 256 (MAX_IO_MSRS) at a time and answers E2BIG to more.
    private const int BatchLength = 128;

    internal static int Get(FileDescriptor fd, Span<MsrEntry> entries)
    {
        for (int done = 0; done < entries.Length;)
        {
            Span<MsrEntry> batch = entries.Slice(done, Math.Min(BatchLength, entries.Length - done));
            FlexibleArray<kvm_msrs, MsrEntry> list = Pack(batch);
            int count = Transfer(fd, KVM_GET_MSRS, nameof(KVM_GET_MSRS), list, batch.Length);
            list.Entries[..count].CopyTo(batch);
            done += count;
            if (count < batch.Length)
            {
                return done;
            }
        }

        return entries.Length;
    }

    internal static int Set(FileDescriptor fd, ReadOnlySpan<MsrEntry> entries)
    {
        for (int done = 0; done < entries.Length;)
        {
            ReadOnlySpan<MsrEntry> batch = entries.Slice(done, Math.Min(BatchLength, entries.Length - done));
            int count = Transfer(fd, KVM_SET_MSRS, nameof(KVM_SET_MSRS), Pack(batch), batch.Length);
            done += count;
            if (count < batch.Length)
            {
                return done;
            }
        }

        return entries.Length;
    }

    private static FlexibleArray<kvm_msrs, MsrEntry> Pack(ReadOnlySpan<MsrEntry> batch)
    {
        var list = new FlexibleArray<kvm_msrs, MsrEntry>(new kvm_msrs { nmsrs = (uint)batch.Length }, batch.Length);
        batch.CopyTo(list.Entries);
        return list;
    }

    private static int Transfer(
        FileDescriptor fd, uint request, string name, FlexibleArray<kvm_msrs, MsrEntry> list, int asked)
    {
        Errno errno = Ioctl.TryInvoke(fd, request, ref list.Bytes, out int count);
        return errno != Errno.None ? throw new LinuxException(name, errno) : Math.Min(count, asked);
    }
}
