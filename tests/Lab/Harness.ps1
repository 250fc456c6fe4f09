# The lab tests' harness: Test, Assert, AssertEqual, AssertThrows, After, Skip. Dot-source it.
# It uses the language, core cmdlets and .NET only, because the host that ./strato falls back to has nothing else.

$script:LabTests = @{ Passed = 0; Failed = 0; Skipped = 0; Filter = '*'; After = $null }

class LabSkip : System.Exception {
    LabSkip([string] $reason) : base($reason) { }
}

# Runs a test and prints one line about it. A body that takes too long is stopped as Ctrl-C would stop it.
function Test {
    param(
        [Parameter(Mandatory)] [string] $Name,
        [Parameter(Mandatory)] [scriptblock] $Body,
        [ValidateRange(1, 3600)] [int] $TimeoutSeconds = 120,
        [ValidateRange(1, 5)] [int] $Attempts = 1
    )

    if ($Name -notlike $script:LabTests.Filter) { return }
    $clock = [System.Diagnostics.Stopwatch]::StartNew()
    for ($attempt = 1; ; $attempt++) {
        $script:LabTests.After = [System.Collections.Generic.Stack[scriptblock]]::new()
        $reason = InvokeLabBlock $Body $TimeoutSeconds
        foreach ($cleanup in $script:LabTests.After) {
            $failure = InvokeLabBlock $cleanup 60
            if ($failure -and -not $reason) { $reason = "cleanup: $failure" }
        }

        # QEMU can go on running an instruction that another CPU has just patched, which a guest kernel does while it
        # boots; what fails twice is not that. Each failure is shown.
        if (-not $reason -or $reason -is [LabSkip] -or $attempt -ge $Attempts) { break }
        $Host.UI.WriteLine("again $Name - $reason")
    }

    $time = $clock.Elapsed.TotalSeconds.ToString('0.0')
    if ($reason -is [LabSkip]) {
        $script:LabTests.Skipped++
        $Host.UI.WriteLine("skip $Name - $($reason.Message)")
    } elseif ($reason) {
        $script:LabTests.Failed++
        $lines = "$reason".Trim() -split '\r?\n'
        $Host.UI.WriteLine("not ok $Name - $($lines[0]) # $time s")
        foreach ($line in $lines | Where-Object { $_ -ne $lines[0] }) { $Host.UI.WriteLine("    $line") }
    } else {
        $script:LabTests.Passed++
        $Host.UI.WriteLine("ok $Name # $time s")
    }
}

# Fails the test unless the condition holds.
function Assert {
    param([Parameter(Position = 0)] $Condition, [Parameter(Position = 1)] [string] $Message = 'assertion failed')
    if (-not $Condition) { throw $Message }
}

# Fails the test unless both are equal, text case-sensitively.
function AssertEqual {
    param(
        [Parameter(Position = 0)] $Expected,
        [Parameter(Position = 1)] $Actual,
        [Parameter(Position = 2)] [string] $Message = 'values differ'
    )
    if ($Expected -cne $Actual) { throw "${Message}: expected '$Expected', got '$Actual'" }
}

# Fails the test unless the block ends in an error whose id is like the one given; returns the error record.
function AssertThrows {
    param([Parameter(Mandatory)] [scriptblock] $Body, [string] $ErrorId = '*')
    try {
        $null = & $Body
    } catch {
        if ($_.FullyQualifiedErrorId -like $ErrorId) { return $_ }
        throw "expected an error '$ErrorId', got '$($_.FullyQualifiedErrorId)': $_"
    }

    throw "expected an error '$ErrorId', got none"
}

# Registers a block that runs when the present test is over, however it ends; the last one registered runs first.
function After {
    param([Parameter(Mandatory)] [scriptblock] $Body)
    $script:LabTests.After.Push($Body)
}

# Leaves the present test because this machine lacks something.
function Skip {
    param([Parameter(Mandatory)] [string] $Reason)
    throw [LabSkip]::new($Reason)
}

# Returns why the block failed: text, or a LabSkip; nothing if it did not.
function InvokeLabBlock {
    param([scriptblock] $Body, [int] $TimeoutSeconds)

    # A nested pipeline can be stopped from the timer's thread without ending the script around it.
    $pipeline = [powershell]::Create([System.Management.Automation.RunspaceMode]::CurrentRunspace)
    $null = $pipeline.AddScript('param($body) $ErrorActionPreference = "Stop"; & $body', $true).AddArgument($Body)
    $stop = [System.Delegate]::CreateDelegate([System.Action], $pipeline, 'Stop')
    $limit = [System.Threading.CancellationTokenSource]::new([timespan]::FromSeconds($TimeoutSeconds))
    $registration = $limit.Token.Register($stop)
    try {
        $null = $pipeline.Invoke()
        if ($limit.IsCancellationRequested) { return "still running after $TimeoutSeconds s" }
        # An error that did not end the body is a failure all the same.
        foreach ($record in $pipeline.Streams.Error) { return "$record`n$($record.ScriptStackTrace)" }
        if ($pipeline.HadErrors) { return 'it reported an error' }
    } catch {
        if ($limit.IsCancellationRequested) { return "still running after $TimeoutSeconds s" }
        return DescribeLabFailure $_.Exception
    } finally {
        $registration.Dispose()
        $limit.Dispose()
        $pipeline.Dispose()
    }
}

# The innermost exception in a pipeline's failure, with the lines of the test that led to it.
function DescribeLabFailure {
    param([System.Exception] $Exception)
    $trace = ''
    for (;;) {
        if ($Exception -is [LabSkip]) { return $Exception }
        if ($Exception -is [System.Management.Automation.IContainsErrorRecord] -and $Exception.ErrorRecord.ScriptStackTrace) {
            $trace = $Exception.ErrorRecord.ScriptStackTrace
        }

        if (-not $Exception.InnerException) { break }
        $Exception = $Exception.InnerException
    }

    $lines = $trace -split '\r?\n' | Where-Object { $_ -and $_ -notlike "*$PSCommandPath*" -and $_ -notlike '*<No file>*' }
    return (@($Exception.Message) + $lines) -join "`n"
}
