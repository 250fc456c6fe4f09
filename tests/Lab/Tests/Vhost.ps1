# Network cards whose frames the host's kernel moves (vhost_net).

. "$PSScriptRoot/../Guest.ps1"
. "$PSScriptRoot/../Host.ps1"

TestHomes "a network card of the host's kernel pings, carries TCP, and comes and goes" -TimeoutSeconds 400 -Attempts 2 -Also Jailed {
    $vm = StartGuest -Cpus 2 -Devices {
        param($vm)
        $vm | Add-StratoDevice -Network -Tap labvhost0 -Queues 2 -Vhost
        $vm | Add-StratoDevice -Disk (ToolsDisk) -ReadOnly
    }
    $null = Run busybox ip address add 192.168.78.1/24 dev labvhost0
    $null = Run busybox ip link set labvhost0 up
    $null = Ask $vm 'ip link set eth0 up; ip address add 192.168.78.2/24 dev eth0'
    $null = Ask $vm (UseTools /dev/vda)
    $ping = 'ping -c 3 -W 5 192.168.78.1'
    Assert ((Ask $vm $ping) -match ' 0% packet loss') 'packets were lost'
    Assert ("$(Run ps -e -o comm)" -match 'vhost-\d+') "no thread of the kernel's serves a card"
    AssertEqual '0' "$((Get-StratoDevice $vm net0).Metrics.ReceivedFrames)" 'frames that came through the process'
    $server = StartProgram iperf3 -s
    After { $server.Kill() }.GetNewClosure()
    foreach ($direction in '', '-R') {
        $answer = Ask $vm "TMPDIR=/tmp chroot /tools /usr/bin/iperf3 -c 192.168.78.1 -t 2 -P 2 $direction | tail -n 3"
        Assert ($answer -match 'receiver|Done') "iperf3 $direction said: $answer"
    }

    # The kernel gives the queues back and takes them up where they were.
    $vm | Suspend-StratoVm
    $vm | Resume-StratoVm
    Assert ((Ask $vm $ping) -match ' 0% packet loss') 'packets were lost after a pause'
    Set-StratoDevice $vm net0 -LinkUp $false
    Until { (Ask $vm 'cat /sys/class/net/eth0/carrier') -eq '0' } 'the unplugging'
    Set-StratoDevice $vm net0 -LinkUp $true
    Until { (Ask $vm 'cat /sys/class/net/eth0/carrier') -eq '1' } 'the plugging'
    Assert ((Ask $vm $ping) -match ' 0% packet loss') 'packets were lost after the link was down'

    $vm | Add-StratoDevice -Network -Tap labvhost1 -Name second -Vhost
    $null = Run busybox ip address add 192.168.79.1/24 dev labvhost1
    $null = Run busybox ip link set labvhost1 up
    Until { (Ask $vm 'ls /sys/class/net') -match 'eth1' } 'the second card'
    $null = Ask $vm 'ip link set eth1 up; ip address add 192.168.79.2/24 dev eth1'
    Assert ((Ask $vm 'ping -c 3 -W 5 192.168.79.1') -match ' 0% packet loss') 'packets of the second card were lost'
    Remove-StratoDevice $vm second -Confirm:$false
    Until { (Ask $vm 'ls /sys/class/net') -notmatch 'eth1' } 'the second card gone'

    Run busybox ip link delete labvhost0
    Until { (Get-StratoDevice $vm net0).Fault -like '*deleted*' } 'the reason'
    Assert ((Ask $vm 'echo alive') -eq 'alive') 'the guest did not outlive its tap'
    StopFromInside $vm
}
