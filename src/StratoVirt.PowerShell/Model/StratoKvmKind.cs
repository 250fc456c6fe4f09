namespace StratoVirt.PowerShell;

/// <summary>What kind of KVM a host has.</summary>
public enum StratoKvmKind
{
    /// <summary>There is none.</summary>
    None,

    /// <summary>There is one, but this user may not open it.</summary>
    NoPermission,

    /// <summary>Intel VT-x.</summary>
    VtX,

    /// <summary>AMD-V (SVM).</summary>
    Svm,

    /// <summary>KVM without hardware support: guest user mode runs natively, guest kernel mode is interpreted.</summary>
    Pvm,

    /// <summary>KVM is there; its kind could not be told.</summary>
    Unknown,
}
