# Devices under a stock Debian kernel: what the guest sees of them, and what the host sees of the guest.

. "$PSScriptRoot/../Guest.ps1"
. "$PSScriptRoot/../Host.ps1"

# The kernel may say something between the command and its answer.
function Megabytes {
    param($Vm)
    $answer = Ask $Vm 'grep MemTotal /proc/meminfo'
    Assert ($answer -match 'MemTotal:\s+(\d+) kB') "the guest said '$answer'"
    [int] $Matches[1] / 1KB
}

TestHomes 'ext4 on a disk keeps 200 MB, checks clean, and discard punches holes' -TimeoutSeconds 400 -Attempts 2 {
    $source = NewFile source.img 200MB -Random
    $image = NewFile root.img 600MB
    $null = Run mkfs.ext4 -q -F $image
    $before = (Run sha256sum $source).Split(' ')[0]
    $vm = StartGuest -Cpus 2 -Devices {
        param($vm)
        $vm | Add-StratoDevice -Disk $source -ReadOnly -Serial source
        $vm | Add-StratoDevice -Disk $image -Name data
    }
    $null = Ask $vm 'mkdir /mnt; mount -t ext4 /dev/vdb /mnt && cp /dev/vda /mnt/copy && sync'
    AssertEqual 'source' (Ask $vm 'cat /sys/block/vda/serial; echo') 'serial'
    AssertEqual '1' (Ask $vm 'cat /sys/block/vda/ro') 'read-only'
    $null = Ask $vm 'umount /mnt'
    $null = Run e2fsck -fn $image
    $null = Run debugfs -R "dump /copy $image.copy" $image
    AssertEqual $before (Run sha256sum "$image.copy").Split(' ')[0] 'checksum of the copy'
    [System.IO.File]::Delete("$image.copy")

    $full = [long] (Run stat -c %b $image)
    $null = Ask $vm 'mount -t ext4 /dev/vdb /mnt && rm /mnt/copy && sync && fstrim /mnt; umount /mnt'
    $holes = [long] (Run stat -c %b $image)
    Assert ($holes -lt $full / 4) "the image had $full blocks before the trim and $holes after it"
    $null = Run e2fsck -fn $image
    StopFromInside $vm
}

TestHomes 'a resize reaches the guest, and a limit holds it back' -TimeoutSeconds 300 -Attempts 2 {
    $image = NewFile grow.img 64MB
    $vm = StartGuest -Devices { param($vm) $vm | Add-StratoDevice -Disk $image -Name data -BlockSize 4096 }
    AssertEqual '4096' (Ask $vm 'cat /sys/block/vda/queue/logical_block_size') 'block size'
    AssertEqual "$(64MB / 512)" (Ask $vm 'cat /sys/block/vda/size') 'sectors'
    Run truncate -s 128M $image
    Set-StratoDevice $vm data
    Until { (Ask $vm 'cat /sys/block/vda/size') -eq "$(128MB / 512)" } 'the resize'

    Set-StratoDevice $vm data -Bandwidth 4MB
    $clock = [System.Diagnostics.Stopwatch]::StartNew()
    $null = Ask $vm 'dd if=/dev/vda of=/dev/null bs=1M count=24 iflag=direct'
    Assert ((Get-StratoDevice $vm data).Metrics.Delayed -gt 0) 'no request was delayed'
    Set-StratoDevice $vm data -Bandwidth 0
    StopFromInside $vm
}

TestHomes 'a network card with two queues pings and carries TCP both ways' -TimeoutSeconds 300 -Attempts 2 {
    $vm = StartGuest -Cpus 2 -Devices {
        param($vm)
        $vm | Add-StratoDevice -Network -Tap labtap0 -Queues 2 -Mac 52:54:00:00:00:01 -Mtu 1400
        $vm | Add-StratoDevice -Disk (ToolsDisk) -ReadOnly
    }
    $null = Run busybox ip address add 192.168.77.1/24 dev labtap0
    $null = Run busybox ip link set labtap0 up
    $null = Ask $vm 'ip link set eth0 up; ip address add 192.168.77.2/24 dev eth0'
    $null = Ask $vm (UseTools /dev/vda)
    AssertEqual '1400' (Ask $vm 'cat /sys/class/net/eth0/mtu') 'MTU'
    AssertEqual '2' (Ask $vm 'ls -d /sys/class/net/eth0/queues/rx-* | wc -l') 'receive queues'
    Assert ((Ask $vm 'ping -c 3 -W 5 192.168.77.1') -match ' 0% packet loss') 'packets were lost'
    $server = StartProgram iperf3 -s
    After { $server.Kill() }.GetNewClosure()
    foreach ($direction in '', '-R') {
        $answer = Ask $vm "TMPDIR=/tmp chroot /tools /usr/bin/iperf3 -c 192.168.77.1 -t 2 -P 2 $direction | tail -n 3"
        Assert ($answer -match 'receiver|Done') "iperf3 $direction said: $answer"
    }
    Set-StratoDevice $vm net0 -LinkUp $false
    Until { (Ask $vm 'cat /sys/class/net/eth0/carrier') -eq '0' } 'the unplugging'
    Set-StratoDevice $vm net0 -LinkUp $true
    Until { (Ask $vm 'cat /sys/class/net/eth0/carrier') -eq '1' } 'the plugging'
    Run busybox ip link delete labtap0
    Assert ((Ask $vm 'echo alive') -eq 'alive') 'the guest did not outlive its tap'
    StopFromInside $vm
}

TestHomes 'random numbers, a share, sockets, a balloon and more memory' -TimeoutSeconds 400 -Attempts 2 {
    $directory = [System.IO.Directory]::CreateTempSubdirectory('strato-share-').FullName
    [System.IO.File]::WriteAllText("$directory/from-host", 'hello guest')
    # Those who listen for a guest are found by name, and a jail's user is another.
    $sockets = [System.IO.Directory]::CreateTempSubdirectory('strato-vsock-').FullName
    $null = Run chmod 711 $sockets
    After { [System.IO.Directory]::Delete($directory, $true); [System.IO.Directory]::Delete($sockets, $true) }.GetNewClosure()
    # No program of this machine serves one that is in a jail.
    $isJailed = $script:GuestHome -eq 'Jailed'
    $vm = StartGuest -Memory 512MB -CommandLine 'console=ttyS0 reboot=k quiet memhp_default_state=online' -Devices {
        param($vm)
        $vm | Add-StratoDevice -Entropy
        if (-not $isJailed) { $vm | Add-StratoDevice -Share $directory -Name data }
        $vm | Add-StratoDevice -Disk (ToolsDisk) -ReadOnly
        $vm | Add-StratoDevice -Vsock -Socket "$sockets/vsock"
        $vm | Add-StratoDevice -Balloon -NoFreePageReporting
        $vm | Add-StratoDevice -Memory -Maximum 512MB -Name more
    }
    AssertEqual 'virtio_rng.0' (Ask $vm 'cat /sys/class/misc/hw_random/rng_current') 'source of random numbers'
    AssertEqual '4096' (Ask $vm 'head -c 4096 /dev/hwrng | wc -c') 'random bytes'

    if (-not $isJailed) {
        $null = Ask $vm 'mkdir /data; mount -t virtiofs data /data'
        AssertEqual 'hello guest' (Ask $vm 'cat /data/from-host; echo') 'read from the share'
        $null = Ask $vm 'echo hello host >/data/from-guest; sync'
        AssertEqual 'hello host' ([System.IO.File]::ReadAllText("$directory/from-guest").Trim()) 'written to the share'
    }

    # Sockets: the guest echoes what the host sends, then the host what the guest sends.
    $null = Ask $vm (UseTools /dev/vda)
    $null = Ask $vm '(chroot /tools /usr/bin/socat VSOCK-LISTEN:1234,fork EXEC:/bin/cat >/dev/null 2>&1 &)'
    Until {
        $answer = & /bin/sh -c "(printf 'CONNECT 1234\nping-from-host\n'; sleep 3) | socat - UNIX-CONNECT:$sockets/vsock 2>&1"
        "$answer" -match 'OK \d+ ping-from-host'
    } "the guest's echo"
    $server = StartProgram socat "UNIX-LISTEN:$sockets/vsock_5678,fork,mode=666" EXEC:/bin/cat
    After { $server.Kill() }.GetNewClosure()
    Until { [System.IO.File]::Exists("$sockets/vsock_5678") } 'the host listening'
    AssertEqual 'ping-from-guest' (Ask $vm '(echo ping-from-guest; sleep 2) | chroot /tools /usr/bin/socat - VSOCK-CONNECT:2:5678') "the host's echo"

    # Half of the memory to the host, really, and back.
    $null = Ask $vm 'dd if=/dev/zero of=/tmp/fill bs=1M count=200; rm /tmp/fill'
    $before = (Measure-StratoVm $vm -Count 0).GuestResident
    Set-StratoDevice $vm balloon -Size 256MB
    Until { (Get-StratoDevice $vm balloon).Metrics.ActualBytes -eq 256MB } 'the balloon'
    $after = (Measure-StratoVm $vm -Count 0).GuestResident
    # A process in a jail does not see its own mappings.
    Assert ($isJailed -or ($after -lt $before -and $after -lt 300MB)) "the guest had $($before / 1MB) MiB before and $($after / 1MB) MiB after"
    Set-StratoDevice $vm balloon -Size 0
    Until { (Get-StratoDevice $vm balloon).Metrics.ActualBytes -eq 0 } "the balloon's end"

    $small = Megabytes $vm
    Set-StratoDevice $vm more -Size 256MB
    Until { (Megabytes $vm) -ge $small + 240 } 'the growth'
    Set-StratoDevice $vm more -Size 0
    Until { (Megabytes $vm) -le $small + 8 } 'the shrinking'
    StopFromInside $vm
}

# 17 pins of the I/O APIC serve them: from the 18th on devices share.
TestHomes '32 devices at once, all in use' -TimeoutSeconds 300 -Attempts 2 {
    $isJailed = $script:GuestHome -eq 'Jailed'
    $count = $isJailed ? 31 : 32
    [System.IO.File]::Delete("$env:STRATOVIRT_HOME/line")
    $images = 1..26 | ForEach-Object { NewFile "many$_.img" 1MB -Random }
    $vm = StartGuest -Cpus 2 -Devices {
        param($vm)
        foreach ($image in $images) { $vm | Add-StratoDevice -Disk $image }
        $vm | Add-StratoDevice -Network -Tap labtap2
        $vm | Add-StratoDevice -Entropy
        $vm | Add-StratoDevice -Balloon
        $vm | Add-StratoDevice -Vsock
        if (-not $isJailed) { $vm | Add-StratoDevice -Share /usr -Name host }
        $vm | Add-StratoDevice -Port -Name line -File "$env:STRATOVIRT_HOME/line"
    }
    AssertEqual "$count" (Ask $vm 'ls -d /sys/bus/virtio/drivers/*/virtio* | wc -l') 'devices with a driver'
    AssertEqual "$count" "$(@(Get-StratoDevice $vm | Where-Object State -eq 'Ready').Count)" 'devices ready'
    AssertEqual '26' (Ask $vm 'ls -d /sys/block/vd* | wc -l') 'disks'

    # All disks at the same time, and the others meanwhile.
    $null = Run busybox ip address add 192.168.79.1/24 dev labtap2
    $null = Run busybox ip link set labtap2 up
    FillDisks $vm
    $null = Ask $vm 'ip link set eth0 up; ip address add 192.168.79.2/24 dev eth0'
    Assert ((Ask $vm 'ping -c 2 -W 9 192.168.79.1') -match ' 0% packet loss') 'packets were lost'
    AssertEqual '4096' (Ask $vm 'head -c 4096 /dev/hwrng | wc -c') 'random bytes'
    if (-not $isJailed) { Assert ((Ask $vm 'mkdir /host; mount -t virtiofs host /host; ls /host') -match 'bin') 'the share shows nothing' }
    AwaitFilled $vm
    AssertFilled $images
    $null = Ask $vm 'echo through-the-port >$(ls /dev/vport*p1)'
    Until { [System.IO.File]::ReadAllText("$env:STRATOVIRT_HOME/line") -eq "through-the-port`n" } 'the line of the port'
    Set-StratoDevice $vm balloon -Size 64MB
    Until { (Get-StratoDevice $vm balloon).Metrics.ActualBytes -eq 64MB } 'the balloon'
    StopFromInside $vm
}

$rounds = $env:STRATOVIRT_LAB_ROUNDS ? [int] $env:STRATOVIRT_LAB_ROUNDS : 5
TestHomes "a disk, a card and a port come and go $rounds times while the guest does I/O" -TimeoutSeconds (120 + 20 * $rounds) -Attempts 2 -Also Jailed {
    $steady = NewFile steady.img 64MB
    $coming = NewFile coming.img 1MB -Random
    $line = "$env:STRATOVIRT_HOME/rounds"
    $sum = (Run sha256sum $coming).Split(' ')[0]
    $null = Run busybox tunctl -t labtap1
    $null = Run busybox ip address add 192.168.78.1/24 dev labtap1
    $null = Run busybox ip link set labtap1 up
    After { & busybox ip link delete labtap1; [System.IO.File]::Delete($line) }.GetNewClosure()
    $vm = StartGuest -Cpus 2 -Devices { param($vm) $vm | Add-StratoDevice -Disk $steady -Name steady }
    $errors = Ask $vm 'dmesg -r | grep -c "^<[0-3]>"'

    # The guest uses what comes by itself and says so in one line a round: characters on the serial console are slow here.
    $there = '[ -b /dev/vdb ] && [ -e /sys/class/net/eth0 ] && [ -e /dev/vport*p* ]'
    $gone = '[ ! -e /dev/vdb ] && [ ! -e /sys/class/net/eth0 ] && [ ! -e /dev/vport*p* ]'
    $null = Ask $vm '(while :; do dd if=/dev/zero of=/dev/vda bs=64k count=1000 conv=fsync 2>/dev/null || echo I/O error; done &)'
    $null = Ask $vm ('use() { ip address add 192.168.78.2/24 dev eth0; ip link set eth0 up; ping -c 1 -W 20 192.168.78.1 >/dev/null && pong=pong; ' +
        's=$(sha256sum /dev/vdb); set -- /dev/vport*p*; echo $i >$1; echo round-$i ${s%% *} $pong; }')
    $null = Ask $vm "(i=0; while :; do pong=; until $there; do sleep 0.05; done; use; until $gone; do sleep 0.05; done; echo gone-`$i; i=`$((i + 1)); done &)"
    for ($round = 0; $round -lt $rounds; $round++) {
        $vm | Add-StratoDevice -Disk $coming -Name coming -ReadOnly
        $vm | Add-StratoDevice -Network -Tap labtap1 -Name card
        $vm | Add-StratoDevice -Port -Name line -File $line
        $vm | Wait-StratoVm -ConsoleText "round-$round $sum pong\r?\n" -TimeoutSeconds 120
        Get-StratoDevice $vm coming, card, line | Remove-StratoDevice -Confirm:$false -TimeoutSeconds 60
        # A guest that has not seen all of them gone would take the next round's for this one's.
        $vm | Wait-StratoVm -ConsoleText "gone-$round\r?\n" -TimeoutSeconds 120
    }
    AssertEqual 'steady' "$((Get-StratoDevice $vm).Name)" 'devices left'
    AssertEqual (((0..($rounds - 1)) -join "`n") + "`n") ([System.IO.File]::ReadAllText($line)) 'what the port brought'
    AssertEqual $errors (Ask $vm 'dmesg -r | grep -c "^<[0-3]>"') 'errors in the kernel log'
    $metrics = (Get-StratoDevice $vm steady).Metrics
    Assert ($metrics.Errors -eq 0 -and $metrics.BytesWritten -gt 0) "the steady disk had $($metrics.Errors) errors and $($metrics.BytesWritten) bytes"
    StopFromInside $vm
}
