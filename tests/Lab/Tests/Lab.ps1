# The lab itself: what every other test here relies on.

Test 'the lab has KVM on emulated SVM' {
    Assert ([System.IO.File]::Exists('/dev/kvm')) 'there is no /dev/kvm'
    Assert ([System.IO.File]::ReadAllText('/proc/cpuinfo') -match '(?m)^flags.*\bsvm\b') 'the CPU has no svm flag'
    Assert ([System.IO.Directory]::Exists('/sys/module/kvm_amd')) 'kvm-amd is not loaded'
}

Test 'the lab has what networking needs' {
    foreach ($device in '/dev/net/tun', '/dev/vhost-net', '/dev/vhost-vsock') {
        Assert ([System.IO.File]::Exists($device)) "there is no $device"
    }
}

Test 'what the lab writes stays in the lab' {
    $results = $env:STRATOVIRT_LAB_RESULTS
    AssertEqual 'overlay' ([System.IO.DriveInfo]::new('/').DriveFormat.Replace('overlayfs', 'overlay')) 'root'
    AssertEqual '9p' ([System.IO.DriveInfo]::new($results).DriveFormat.Replace('v9fs', '9p')) $results
}
