using StratoVirt.Guests;

// Writes one guest as an ELF file: GUEST FILE.
Func<byte[]>? assemble = args is [var guest, _]
    ? guest switch
    {
        "hello" => () => HelloGuest.Assemble(),
        "firstmark" => FirstMarkGuest.Assemble,
        "virtio-bench" => VirtioBenchGuest.Assemble,
        "exits" => () => ExitsGuest.Assemble(100_000, GuestRing.User),
        _ => null,
    }
    : null;
if (assemble is null)
{
    Console.Error.WriteLine("Usage: StratoVirt.Guests hello|firstmark|exits|virtio-bench FILE");
    return 2;
}

// A reader must never see half a file: two builds may share an output folder.
string temporary = $"{args[1]}.{Environment.ProcessId}";
File.WriteAllBytes(temporary, assemble());
File.Move(temporary, args[1], overwrite: true);
return 0;
