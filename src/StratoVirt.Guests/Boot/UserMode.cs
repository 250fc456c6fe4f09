using Iced.Intel;
using StratoVirt.Guests.Image;
using static Iced.Intel.AssemblerRegisters;

namespace StratoVirt.Guests.Boot;

/// <summary>The way from CPL 0 to CPL 3, where code runs natively even if the host interprets guest kernels.</summary>
internal static class UserMode
{
    /// <summary>
    /// Emits code that goes on at CPL 3 with an empty stack, interrupts off and all ports below
    /// <see cref="GuestLayout.UserPorts"/> allowed. Changes rax. The guest's pages must be user pages.
    /// </summary>
    public static void EmitEntry(Assembler c)
    {
        // I/O privilege level 3 and a permission bitmap: a KVM that interprets guest kernels loses the level in IRET.
        const int FlagsIopl3 = (3 << 12) | 2;
        Label user = c.CreateLabel();
        c.mov(eax, GuestLayout.TaskSelector);
        c.ltr(eax);
        c.push(GuestLayout.UserDataSelector);
        c.push((int)GuestLayout.StackTop);
        c.push(FlagsIopl3);
        c.push(GuestLayout.UserCodeSelector);
        c.lea(rax, __[user]);
        c.push(rax);
        c.iretq();
        c.Label(ref user);
    }
}
