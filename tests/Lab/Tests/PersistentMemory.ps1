# A file of the host as memory of a guest.

. "$PSScriptRoot/../Guest.ps1"
. "$PSScriptRoot/../Host.ps1"

Test 'persistent memory carries ext4 with DAX, and its file holds the data' -TimeoutSeconds 300 -Attempts 2 {
    $file = NewFile pmem.img 64MB
    $null = Run mkfs.ext4 -q -F -b 4096 $file
    $vm = StartGuest -AdditionalModule virtio_pmem, nd_pmem -Devices {
        param($vm)
        $vm | Add-StratoDevice -PersistentMemory $file
    }
    AssertEqual "$(64MB / 512)" (Ask $vm 'cat /sys/block/pmem0/size') 'sectors'
    AssertEqual '1' (Ask $vm 'cat /sys/block/pmem0/queue/dax') 'DAX'
    $null = Ask $vm 'mkdir /mnt; mount -t ext4 -o dax /dev/pmem0 /mnt'
    Assert ((Ask $vm 'grep /mnt /proc/mounts') -match 'dax') 'the file system is not mounted with DAX'
    $sum = (Ask $vm 'dd if=/dev/urandom of=/mnt/data bs=1M count=8 2>/dev/null; sync; sha256sum /mnt/data').Split(' ')[0]
    AssertEqual $sum (Run sh -c "debugfs -R 'cat /data' $file 2>/dev/null | sha256sum").Split(' ')[0] 'checksum of what the file holds while the guest runs'
    $device = Get-StratoDevice $vm pmem0
    Assert ($device.Metrics.Flushes -gt 0) 'no flush reached the host'
    AssertEqual 'Ready' "$($device.State)" 'state'
    $null = Ask $vm 'umount /mnt'
    StopFromInside $vm
    $null = Run e2fsck -fn $file
}

Test 'a file of persistent memory that is cut under its guest' -TimeoutSeconds 300 -Attempts 2 {
    $file = NewFile cut.img 64MB -Random
    $vm = StartGuest -Cpus 2 -AdditionalModule virtio_pmem, nd_pmem -Devices {
        param($vm)
        $vm | Add-StratoDevice -PersistentMemory $file
    }
    # The guest is in the midst of it when it goes, and afterwards; past its page cache, which would still have all of it.
    $null = Ask $vm 'dmesg -n 1; (while :; do dd if=/dev/pmem0 of=/dev/null bs=64k iflag=direct 2>/dev/null; done &)'
    foreach ($length in 40MB, 1MB) {
        $null = Run truncate -s $length $file
        Until { (Get-StratoDevice $vm pmem0).Fault -like "*cut to $length bytes*" } 'the reason'
    }
    AssertEqual "$((Run sh -c "head -c 4096 $file | sha256sum").Split(' ')[0])" (Ask $vm 'dd if=/dev/pmem0 bs=4k count=1 iflag=direct 2>/dev/null | sha256sum').Split(' ')[0] 'what is left'
    AssertEqual '0' (Ask $vm "dd if=/dev/pmem0 bs=1M skip=50 count=1 iflag=direct 2>/dev/null | tr -d '\000' | wc -c") 'bytes that are not zero where the file was'
    AssertEqual '1' (Ask $vm 'dd if=/dev/zero of=/dev/pmem0 bs=4k count=1 conv=fsync 2>&1 | grep -c error') 'errors of the flush'
    AssertEqual 'Running' "$((Get-StratoVm $vm.Name).State)" 'the machine'
    StopFromInside $vm
}
