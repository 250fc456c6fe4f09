# Guests for the lab tests: Debian's stock kernels on the microVM, driven with the cmdlets as a user drives them. Dot-source it.

Import-Module "$PSScriptRoot/../../StratoVirt.psd1"
$env:STRATOVIRT_HOME = [System.IO.Directory]::CreateTempSubdirectory('strato-lab-').FullName
$script:Prompt = 'guest:~# '
$script:GuestNumber = 0

# Makes a machine; the test's end removes it. -Devices is given the machine before it starts.
function StartGuest {
    param([string] $Flavor = 'Cloud', [string] $Format = 'BzImage', [int] $Cpus = 1, [ulong] $Memory = 256MB, [switch] $NoAcpi,
        [string] $CommandLine = 'console=ttyS0 reboot=k quiet', [scriptblock] $Devices, [string[]] $Module)
    $modules = $Module ? @{ Module = $Module } : @{}
    # Named so that -Devices, which runs in this scope, finds its own variables.
    $guestImage = New-StratoGuestImage -FromDebian -Flavor $Flavor -KernelFormat $Format @modules
    $vm = New-StratoVm "lab$([System.Threading.Interlocked]::Increment([ref] $script:GuestNumber))" -Image $guestImage `
        -Cpus $Cpus -Memory $Memory -NoAcpi:$NoAcpi -CommandLine $CommandLine
    After { Get-StratoVm lab* | Remove-StratoVm -Force -Confirm:$false }
    if ($Devices) { & $Devices $vm }
    $vm | Start-StratoVm
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
    $Vm | Wait-StratoVm -ConsoleText "$done\r?\n" -TimeoutSeconds 60
    $text = $Vm | Receive-StratoConsole -Raw
    $lines = $text -split '\r?\n'
    $end = [array]::LastIndexOf($lines, $done)
    $begin = $end
    while ($begin -gt 0 -and $lines[$begin - 1] -notlike "*$Command*") { $begin-- }
    # What is typed while the guest is busy is echoed before its prompt comes, and the answer stands behind that.
    $answer = if ($begin -lt $end) {
        $lines[$begin..($end - 1)] | ForEach-Object { $_.StartsWith($script:Prompt) ? $_.Substring($script:Prompt.Length) : $_ } |
            Where-Object { $_.Trim() -and $_.Trim() -ne $script:Prompt.Trim() }
    }
    , @($answer)
}

function StopFromInside {
    param($Vm)
    $Vm | Send-StratoConsole -Text 'poweroff'
    $Vm | Wait-StratoVm -State Stopped -TimeoutSeconds 60
    AssertEqual 'guest-shutdown' (Get-StratoVm $Vm.Name).Cause 'cause'
}

