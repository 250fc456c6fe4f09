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
