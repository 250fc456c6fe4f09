# A machine without ACPI: an MP table, and virtio devices that only the kernel's command line tells of.

. "$PSScriptRoot/../Guest.ps1"
. "$PSScriptRoot/../Host.ps1"

Test 'a guest without ACPI finds its devices on the command line' -TimeoutSeconds 300 -Attempts 2 {
    $directory = $env:STRATOVIRT_LAB_MMIO_GUEST
    if (-not $directory) { Skip 'its kernel was not made: tests/Lab/mmio-guest needs apt' }
    $images = 1..20 | ForEach-Object { NewFile "mmio$_.img" 1MB -Random }
    $image = New-StratoGuestImage -Kernel "$directory/vmlinuz" -ModulePath "$directory/modules"
    $vm = StartGuest -OwnGuestImage $image -Cpus 2 -NoAcpi -Devices {
        param($vm)
        foreach ($file in $images) { $vm | Add-StratoDevice -Disk $file }
        $vm | Add-StratoDevice -Network -Tap labtap3
        $vm | Add-StratoDevice -Entropy
    }
    AssertEqual '22' (Ask $vm 'ls -d /sys/bus/virtio/drivers/*/virtio* | wc -l') 'devices with a driver'
    FillDisks $vm
    $null = Run busybox ip address add 192.168.80.1/24 dev labtap3
    $null = Run busybox ip link set labtap3 up
    $null = Ask $vm 'ip link set eth0 up; ip address add 192.168.80.2/24 dev eth0'
    Assert ((Ask $vm 'ping -c 2 -W 9 192.168.80.1') -match ' 0% packet loss') 'packets were lost'
    AssertEqual '4096' (Ask $vm 'head -c 4096 /dev/hwrng | wc -c') 'random bytes'
    AwaitFilled $vm
    AssertFilled $images
    $null = AssertThrows { $vm | Add-StratoDevice -Disk $images[0] -ErrorAction Stop } 'StratoVirt.HotPlugUnavailable*'
    # Without ACPI a guest has no way to turn itself off.
    $vm | Stop-StratoVm -TurnOff -Confirm:$false
}
