# This machine's side of the lab tests: files, programs, waiting. Dot-source it.

# Makes a file of so many bytes, random where asked, and returns its path; the test's end removes it.
function NewFile {
    param([string] $Name, [long] $Length, [switch] $Random)
    $path = [System.IO.Path]::Combine($env:STRATOVIRT_HOME, $Name)
    $file = [System.IO.File]::Create($path)
    try {
        if ($Random) {
            $buffer = [byte[]]::new(1MB)
            for ($done = 0; $done -lt $Length; $done += $buffer.Length) {
                [System.Random]::Shared.NextBytes($buffer)
                $file.Write($buffer, 0, [int] [math]::Min($buffer.Length, $Length - $done))
            }
        }
        $file.SetLength($Length)
    } finally {
        $file.Dispose()
    }
    After { [System.IO.File]::Delete($path) }.GetNewClosure()
    $path
}

# An image of a file system with programs for a guest and all they need, made once.
function ToolsDisk {
    $image = "$env:STRATOVIRT_HOME/tools.img"
    if ([System.IO.File]::Exists($image)) { return $image }
    $tree = [System.IO.Directory]::CreateTempSubdirectory('strato-tools-').FullName
    foreach ($directory in 'bin', 'dev', 'tmp') { $null = [System.IO.Directory]::CreateDirectory("$tree/$directory") }
    foreach ($program in '/usr/bin/iperf3', '/usr/bin/socat') {
        [string[]] $libraries = [regex]::Matches((Run ldd $program) -join "`n", '/\S+(?= \()').ForEach{ $_.Value }
        $null = Run cp --parents -L -t $tree $program @libraries
    }
    $null = Run cp /bin/busybox "$tree/bin/cat"
    $null = Run mkfs.ext4 -q -F -d $tree $image 32M
    [System.IO.Directory]::Delete($tree, $true)
    $image
}

# What a guest types to have the programs of that image, which it finds at this device, under /tools.
function UseTools { param([string] $Device) "mkdir /tools; mount -t ext4 -o ro $Device /tools && mount --bind /dev /tools/dev && mount -t tmpfs tmp /tools/tmp" }

# Runs a program of this machine and returns what it printed; fails the test when it fails.
function Run {
    $program = $args[0]
    [string[]] $arguments = for ($i = 1; $i -lt $args.Count; $i++) { $args[$i] }
    $output = & $program @arguments 2>&1 | ForEach-Object { "$_" }
    Assert ($LASTEXITCODE -eq 0) "$program $arguments ended with $LASTEXITCODE`: $output"
    $output
}

# Starts a program of this machine in the background.
function StartProgram {
    $start = [System.Diagnostics.ProcessStartInfo]::new($args[0])
    for ($i = 1; $i -lt $args.Count; $i++) { $start.ArgumentList.Add($args[$i]) }
    $start.RedirectStandardOutput = $true
    $start.RedirectStandardInput = $true
    [System.Diagnostics.Process]::Start($start)
}

# Waits until a condition holds.
function Until {
    param([scriptblock] $Condition, [string] $What, [int] $Seconds = 60)
    $clock = [System.Diagnostics.Stopwatch]::StartNew()
    while (-not (& $Condition)) {
        Assert ($clock.Elapsed.TotalSeconds -lt $Seconds) "$What did not happen in $Seconds s"
        [System.Threading.Thread]::Sleep(200)
    }
}
