# Guests for the lab tests: Debian's stock kernels on the microVM, driven with the cmdlets as a user drives them. Dot-source it.

. "$PSScriptRoot/Host.ps1"
Import-Module "$PSScriptRoot/../../StratoVirt.psd1"
$env:STRATOVIRT_HOME = [System.IO.Directory]::CreateTempSubdirectory('strato-lab-').FullName
$script:Prompt = 'guest:~# '
$script:GuestNumber = 0
$script:GuestHome = 'InProcess'
$script:StartAt = @{ InProcess = @{}; Detached = @{ Detached = $true }; Jailed = @{ Jail = $true } }

# A test that runs once for each home a machine can have: this process, a host process of its own, a jail. -Also names
# the others in which it always runs; with STRATOVIRT_LAB_HOMES=all it runs in every one.
function TestHomes {
    param([Parameter(Mandatory)] [string] $Name, [Parameter(Mandatory)] [scriptblock] $Body, [int] $TimeoutSeconds = 120, [int] $Attempts = 1,
        [string[]] $Also = @())
    foreach ($place in 'InProcess', 'Detached', 'Jailed') {
        if ($place -notin (@('InProcess') + $Also) -and $env:STRATOVIRT_LAB_HOMES -ne 'all') { continue }
        $script:GuestHome = $place
        $title = $place -eq 'InProcess' ? $Name : "$Name, $($place.ToLowerInvariant())"
        Test $title -Body $Body -TimeoutSeconds $TimeoutSeconds -Attempts $Attempts
    }
    $script:GuestHome = 'InProcess'
}

# Makes a machine; the test's end removes it. -Devices is given the machine before it starts.
function StartGuest {
    param([string] $Flavor = 'Cloud', [string] $Format = 'BzImage', [int] $Cpus = 1, [ulong] $Memory = 256MB, [switch] $NoAcpi,
        [string] $CommandLine = 'console=ttyS0 reboot=k quiet', [scriptblock] $Devices, [string[]] $AdditionalModule, $OwnGuestImage)
    $modules = $AdditionalModule ? @{ AdditionalModule = $AdditionalModule } : @{}
    # Named so that -Devices, which runs in this scope, finds its own variables.
    $guestImage = $OwnGuestImage ?? (New-StratoGuestImage -FromDebian -Flavor $Flavor -KernelFormat $Format @modules)
    $vm = New-StratoVm "lab$([System.Threading.Interlocked]::Increment([ref] $script:GuestNumber))" -Image $guestImage `
        -Cpus $Cpus -Memory $Memory -NoAcpi:$NoAcpi -CommandLine $CommandLine
    After { Get-StratoVm lab* | Remove-StratoVm -Force -Confirm:$false }
    if ($Devices) { & $Devices $vm }
    $at = $script:StartAt[$script:GuestHome]
    $vm | Start-StratoVm @at
    $vm | Wait-StratoVm -ConsoleText $script:Prompt -SimpleMatch -TimeoutSeconds 150
    $vm
}

# Types a command and returns the lines it printed, always as an array.
function AskGuest {
    param($Vm, [string] $Command)
    $done = "done-$([System.Threading.Interlocked]::Increment([ref] $script:GuestNumber))"
    # The echo of the command must not look like its answer.
    $mark = $done.Replace('-', "-''")
    $Vm | Send-StratoConsole -Text "$Command; echo $mark"
    $Vm | Wait-StratoVm -ConsoleText "$done\r?\n" -TimeoutSeconds 120
    $text = $Vm | Receive-StratoConsole -Raw
    $lines = $text -split '\r?\n'
    $end = [array]::LastIndexOf($lines, $done)
    $begin = $end
    while ($begin -gt 0 -and -not $lines[$begin - 1].Contains($Command)) { $begin-- }
    # What is typed while the guest is busy is echoed before its prompt comes, and the answer stands behind that.
    $answer = if ($begin -lt $end) {
        $lines[$begin..($end - 1)] | ForEach-Object { $_.StartsWith($script:Prompt) ? $_.Substring($script:Prompt.Length) : $_ } |
            Where-Object { $_.Trim() -and $_.Trim() -ne $script:Prompt.Trim() }
    }
    , @($answer)
}

# The text a guest's command prints, in one piece.
function Ask { param($Vm, [string] $Command) (AskGuest $Vm $Command) -join "`n" }

# Has a guest begin to write 1 MiB to all its disks at the same time: 64 KiB of the disk's own name, then zeros.
function FillDisks {
    param($Vm)
    $null = Ask $Vm 'name() { yes $d | dd of=$d bs=64k count=1 iflag=fullblock; }; zeros() { dd if=/dev/zero of=$d bs=64k count=15 seek=1 conv=fsync; }'
    # Not as jobs of the shell that answers: it tells of the end of each, in the middle of its next answer.
    $null = Ask $Vm '((for d in /dev/vd?; do (name; zeros) 2>/dev/null & done; wait; : >/tmp/filled) &)'
}

# Waits until FillDisks has ended.
function AwaitFilled { param($Vm) $null = Ask $Vm 'until [ -e /tmp/filled ]; do sleep 0.2; done' }

# Fails the test unless the images hold what FillDisks writes, in the order of the guest's names.
function AssertFilled {
    param([string[]] $Images)
    for ($i = 0; $i -lt $Images.Count; $i++) {
        $name = "/dev/vd$([char]([int][char]'a' + $i))`n"
        $expected = [string]::new("`0", 1MB).Remove(0, 64KB).Insert(0, [System.Text.StringBuilder]::new().Insert(0, $name, 64KB / $name.Length + 1).ToString(0, 64KB))
        AssertEqual $true ($expected -ceq [System.IO.File]::ReadAllText($Images[$i])) "that disk $i holds its name and zeros"
    }
}

# What a machine that has ended has left on this host.
function FindLeft {
    param($Vm)
    foreach ($group in '/sys/fs/cgroup/stratovirt', '/sys/fs/cgroup/unified/stratovirt') {
        if ([System.IO.Directory]::Exists($group)) { [System.IO.Directory]::GetDirectories($group, "$($Vm.Name)*") }
    }
    $runtime = "/run/stratovirt/$($Vm.Name)"
    if ([System.IO.Directory]::Exists($runtime)) {
        [System.IO.Directory]::GetFileSystemEntries($runtime).Where{ $_ -match '/(lock|owner|jail|vsock|.*\.sock)$' }
    }
}

function StopFromInside {
    param($Vm)
    $Vm | Send-StratoConsole -Text 'poweroff'
    $Vm | Wait-StratoVm -State Stopped -TimeoutSeconds 60
    AssertEqual 'guest-shutdown' (Get-StratoVm $Vm.Name).Cause 'cause'
    # A jail's group may outlive its process by a moment; whoever looks takes it away.
    Until { $null = (Get-StratoVm $Vm.Name).State; -not (FindLeft $Vm) } 'the end of what it had on this host'
}

