@{
    ModuleVersion          = '0.1.0'
    GUID                   = 'a477e3de-2b2d-4ea0-bfa8-7d6300ef9c44'
    Author                 = 'StratoVirt for PowerShell contributors'
    CompanyName            = 'StratoVirt for PowerShell contributors'
    Copyright              = '(c) StratoVirt for PowerShell contributors.'
    Description            = 'Virtual machines on Linux KVM, run by the PowerShell process itself.'

    # PowerShell 7.6 is the first on .NET 10, for which the module is built.
    PowerShellVersion      = '7.6'
    CompatiblePSEditions   = @('Core')

    RootModule             = 'bin/StratoVirt.PowerShell.dll'
    TypesToProcess         = @('bin/StratoVirt.Types.ps1xml')
    FormatsToProcess       = @('bin/StratoVirt.Format.ps1xml')

    CmdletsToExport        = @(
        'Add-StratoDevice'
        'Enter-StratoConsole'
        'Export-StratoVm'
        'Get-StratoDevice'
        'Get-StratoHost'
        'Get-StratoVm'
        'Import-StratoVm'
        'Invoke-StratoQmp'
        'Measure-StratoVm'
        'New-StratoGuestImage'
        'New-StratoVm'
        'Receive-StratoConsole'
        'Register-StratoVmService'
        'Remove-StratoDevice'
        'Remove-StratoVm'
        'Restart-StratoVm'
        'Resume-StratoVm'
        'Send-StratoConsole'
        'Set-StratoDevice'
        'Set-StratoVm'
        'Start-StratoVm'
        'Stop-StratoVm'
        'Suspend-StratoVm'
        'Sync-StratoVm'
        'Test-StratoHost'
        'Unregister-StratoVmService'
        'Wait-StratoVm'
    )
    FunctionsToExport      = @()
    AliasesToExport        = @()
    VariablesToExport      = @()

    PrivateData            = @{
        PSData = @{
            Tags         = @('Linux', 'PSEdition_Core', 'KVM', 'microVM', 'VirtualMachine', 'Virtualization')
            ReleaseNotes = 'See CHANGELOG.md.'
        }
    }
}
