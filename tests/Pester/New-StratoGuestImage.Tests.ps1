BeforeAll {
    . "$PSScriptRoot/Session.ps1"
    Enter-Store
}

AfterAll { Exit-Store }

Describe 'New-StratoGuestImage' {
    It 'wants to know where the kernel comes from' {
        { New-StratoGuestImage -FromDebian -Kernel x } | Should -Throw -ErrorId 'AmbiguousParameterSet*'
        { New-StratoGuestImage -FromDebian -Flavor Tiny } | Should -Throw -ErrorId 'CannotConvertArgumentNoMessage*'
    }

    It 'says which file is not there, as one error' {
        New-StratoGuestImage -Kernel ./no-kernel -CachePath ./cache -ErrorAction SilentlyContinue -ErrorVariable failures
        $failures | Should -HaveCount 1
        $failures[0].FullyQualifiedErrorId | Should -BeLike 'StratoVirt.*'
        "$failures" | Should -BeLike "*$Root/no-kernel*"
        $failures[0].ErrorDetails.RecommendedAction | Should -Not -BeNullOrEmpty
    }

    It 'makes nothing under -WhatIf' {
        New-StratoGuestImage -FromDebian -CachePath ./cache -WhatIf | Should -BeNullOrEmpty
        './cache' | Should -Not -Exist
    }

    It 'emits what New-StratoVm takes from the pipeline' {
        $image = (Get-Command New-StratoGuestImage).OutputType.Type
        (Get-Command New-StratoVm).Parameters['Image'].ParameterType | Should -Be $image
    }

    It 'completes flavors' { Complete 'New-StratoGuestImage -FromDebian -Flavor C' | Should -Be 'Cloud' }
}
