using StratoVirt.Definitions;
using StratoVirt.Definitions.Devices;
using StratoVirt.Definitions.Validation;
using StratoVirt.Host.CommandLine;
using StratoVirt.Host.Serial;

namespace StratoVirt.Host.Tests.CommandLine;

public sealed class CommandLineTests
{
    [Fact]
    public void AWholeMicroVmIsUnderstood()
    {
        CommandPlan plan = Compose(
            "-machine microvm,dump-guest-core=off,mem-share=off -accel kvm -cpu host -smp cpus=2 -m 512M -name web "
            + "-kernel /boot/vmlinux -initrd /boot/initrd -append console=ttyS0 "
            + "-drive id=rootfs,file=/srv/a,,b.img,readonly=off,direct=off,aio=io_uring,throttling.iops-total=200 "
            + "-device virtio-blk-device,drive=rootfs,id=blk0,serial=S1,num-queues=2 "
            + "-netdev tap,id=n,ifname=tap0,queues=4,vhost=on -device virtio-net-device,netdev=n,id=net0,mac=52:54:00:00:00:01,mq=on "
            + "-device virtio-serial-device,id=vs -chardev socket,id=c,path=/run/c.sock,server,nowait "
            + "-device virtconsole,chardev=c,id=con,nr=0 -object rng-random,id=r,filename=/dev/urandom "
            + "-device virtio-rng-device,rng=r,max-bytes=1024,period=500 -device virtio-balloon-device,id=b,deflate-on-oom=true "
            + "-object memory-backend-ram,id=m,size=1G -device virtio-mem-device,memdev=m,id=mem,requested-size=256M,block-size=4M "
            + "-object memory-backend-file,id=p,mem-path=/srv/p,size=2M -device virtio-pmem-device,memdev=p,id=pm "
            + "-serial file,path=/var/log/web -qmp unix:/run/web.sock,server,nowait -S -pidfile /run/web.pid -D /var/log/host");

        Assert.Equal(
            new VmDefinition
            {
                Metadata = new VmMetadata { Name = "web" },
                Spec = new VmSpec
                {
                    Cpus = 2,
                    Memory = ByteSize.FromMebibytes(512),
                    Boot = new BootSpec { Kernel = "/boot/vmlinux", Initrd = "/boot/initrd", CommandLine = "console=ttyS0" },
                    Disks =
                    [
                        new DiskSpec
                        {
                            Name = "blk0", Path = "/srv/a,b.img", Cache = DiskCache.Buffered, Engine = DiskEngine.IoUring,
                            Discard = false, Serial = "S1", Queues = 2, RateLimit = new RateLimitSpec { Operations = 200 },
                        },
                    ],
                    Networks = [new NetworkSpec { Name = "net0", Tap = "tap0", Mac = "52:54:00:00:00:01", Queues = 2, Vhost = true }],
                    Ports = [new ConsolePortSpec { Name = "con", Console = true, Socket = "/run/c.sock" }],
                    Entropy = new EntropySpec { RateLimit = new RateLimitSpec { Bandwidth = new ByteSize(2048) } },
                    Balloon = new BalloonSpec { Name = "b", DeflateOnOom = true, FreePageReporting = false },
                    MemoryDevices =
                    [
                        new MemoryDeviceSpec
                        {
                            Name = "mem", Maximum = ByteSize.FromMebibytes(1024), Size = ByteSize.FromMebibytes(256),
                            BlockSize = ByteSize.FromMebibytes(4),
                        },
                    ],
                    PersistentMemory = [new PersistentMemorySpec { Name = "pm", Path = "/srv/p" }],
                },
            },
            plan.Definition);
        Assert.Equal(new SerialTarget(SerialTargetKind.File, "/var/log/web"), plan.Serial);
        Assert.Equal(["/run/web.sock"], plan.ControlSockets);
        Assert.Equal((true, false, "/run/web.pid", "/var/log/host"), (plan.Frozen, plan.Daemonize, plan.PidFile, plan.LogFile));
        DefinitionValidator.ThrowIfInvalid(plan.Definition);
    }

    [Fact]
    public void WhatIsNotSaidIsUpstreamsDefault()
    {
        CommandPlan plan = Compose("-kernel /k -drive id=d,file=/d -device virtio-blk-device,drive=d");
        Assert.Equal("stratovirt-77", plan.Definition.Metadata.Name);
        Assert.Equal((1, ByteSize.FromMebibytes(256)), (plan.Definition.Spec.Cpus, plan.Definition.Spec.Memory));
        Assert.Equal(DiskCache.Direct, plan.Definition.Spec.Disks[0].Cache);
        Assert.Equal(SerialTarget.Nowhere, plan.Serial);
    }

    [Fact]
    public void TheOrderOfPartsDoesNotMatterAndDashesMayBeDoubled()
    {
        CommandPlan plan = Compose("--device virtio-net-device,netdev=n,id=net0 --netdev tap,id=n,fd=7 --kernel /k");
        Assert.Equal(7, plan.Definition.Spec.Networks[0].TapDescriptor);
    }

    [Fact]
    public void SerialAndMonitorCanUseChardevs()
    {
        CommandPlan plan = Compose(
            "-kernel /k -chardev stdio,id=s -serial chardev:s -chardev socket,id=q,path=/run/q,server=on,wait=off -mon chardev=q,mode=control");
        Assert.Equal(SerialTargetKind.StandardStreams, plan.Serial.Kind);
        Assert.Equal(["/run/q"], plan.ControlSockets);
    }

    [Fact]
    public void WhatOthersWriteWithoutEffectIsTaken()
    {
        CommandPlan plan = Compose(
            "-kernel /k -nodefaults -no-user-config -nographic -uuid 1-2 -sandbox on -msg timestamp=on -rtc base=utc "
            + "-overcommit mem-lock=off -boot strict=on -usb -object iothread,id=io1");
        Assert.Empty(plan.Definition.Spec.ListDevices());
    }

    [Theory]
    [InlineData("-kernal /k", "-kernal", "did you mean 'kernel'?")]
    [InlineData("/k", "'/k'")]
    [InlineData("-kernel", "-kernel", "FILE")]
    [InlineData("", "-kernel is missing")]
    [InlineData("-kernel /k -smp 0", "-smp", "'0'")]
    [InlineData("-kernel /k -smp x", "-smp", "'x'")]
    [InlineData("-kernel /k -smp 2,maxcpus=4", "-smp", "maxcpus=4")]
    [InlineData("-kernel /k -m lots", "-m", "'lots'")]
    [InlineData("-kernel /k -m 512,sise=3", "-m", "'sise'", "'size'")]
    [InlineData("-kernel /k -machine q35", "-machine", "q35", "only microvm")]
    [InlineData("-kernel /k -incoming file:/s", "-incoming", "file:/s", "not supported")]
    [InlineData("-kernel /k -mem-path /dev/hugepages", "-mem-path", "not supported")]
    [InlineData("-kernel /k -vnc :1", "-vnc", "no display")]
    [InlineData("-kernel /k -drive file=/d", "-drive", "'id' is missing")]
    [InlineData("-kernel /k -drive id=d,file=/d", "-drive", "'d' belongs to no device")]
    [InlineData("-kernel /k -drive id=d,file=/d,format=qcow2 -device virtio-blk-device,drive=d", "-drive", "format=qcow2", "raw")]
    [InlineData("-kernel /k -drive id=d,file=/d,dirct=on -device virtio-blk-device,drive=d", "'dirct'", "did you mean 'direct'?")]
    [InlineData("-kernel /k -drive id=d,file=/d,aio=nativ -device virtio-blk-device,drive=d", "'aio'", "did you mean 'native'?")]
    [InlineData("-kernel /k -drive id=d,file=/d -drive id=d,file=/e", "-drive", "another with id 'd'")]
    [InlineData("-kernel /k -drive id=disk1,file=/d -device virtio-blk-device,drive=disk2", "no -drive 'disk2'", "did you mean 'disk1'?")]
    [InlineData("-kernel /k -device virtio-blk-pci,drive=d", "virtio-blk-pci", "did you mean 'virtio-blk-device'?")]
    [InlineData("-kernel /k -device virtio-blk-devise,drive=d", "did you mean 'virtio-blk-device'?")]
    [InlineData("-kernel /k -device vhost-vsock-device,guest-cid=3", "vhost-vsock-device", "spec.vsock")]
    [InlineData("-kernel /k -device vhost-user-fs-device,chardev=c,tag=t", "vhost-user-fs-device", "spec.shares")]
    [InlineData("-kernel /k -netdev user,id=n -device virtio-net-device,netdev=n", "type=user")]
    [InlineData("-kernel /k -netdev tap,id=n -device virtio-net-device,netdev=n", "'ifname' or 'fd' is missing")]
    [InlineData("-kernel /k -chardev socket,id=c,path=/p -device virtconsole,chardev=c", "'server' is missing")]
    [InlineData("-kernel /k -serial pty", "-serial", "'pty'")]
    [InlineData("-kernel /k -serial stdio -daemonize", "stdio", "-daemonize")]
    [InlineData("-kernel /k -qmp tcp:127.0.0.1:4444,server,nowait", "-qmp", "unix:PATH", "'tcp:127.0.0.1:4444'")]
    [InlineData("-kernel /k -drive id=d,id=e,file=/d", "'id' is given twice")]
    public void AnErrorNamesOptionValueAndTheNearestWord(string line, params string[] parts)
    {
        string message = Assert.Throws<CommandLineException>(() => Compose(line)).Message;
        Assert.All(parts, part => Assert.Contains(part, message, StringComparison.Ordinal));
    }

    [Fact]
    public void TheHelpNamesEveryOptionThatDoesSomething()
    {
        string help = HelpText.Create();
        Assert.All(
            OptionTable.All.Where(option => option.Summary is not null),
            option => Assert.Contains($"  -{option.Name}", help, StringComparison.Ordinal));
        Assert.Equal(OptionTable.All.Count, OptionTable.All.Select(option => option.Name).Distinct().Count());
    }

    [Fact]
    public void WhateverIsWrittenIsAPlanOrAnError()
    {
        Gen<string> word = Gen.OneOf(
            Gen.OneOf<string>([.. OptionTable.All.Select(option => "-" + option.Name)]),
            Gen.OneOf<string>(
                "virtio-blk-device", "tap", "socket", "id=a", "drive=a", "file=/d", "chardev=a", "netdev=a", ",", ",,", "=", "on",
                "type=x", "512M", "-1", "unix:", "stdio", "server", "path=/p", "rng-random", "memdev=a", ""),
            Gen.String);
        Gen.Select(word, word, word, (a, b, c) => $"{a},{b},{c}").List[0, 8].Sample(arguments => Try(["-kernel", "/k", .. arguments]));
        word.List[0, 12].Sample(arguments => Try([.. arguments]));

        static void Try(string[] arguments)
        {
            try
            {
                PlanComposer.Compose(CommandLineReader.Read(arguments), 1);
            }
            catch (CommandLineException failure)
            {
                Assert.NotEmpty(failure.Message);
            }
        }
    }

    private static CommandPlan Compose(string line) =>
        PlanComposer.Compose(CommandLineReader.Read(line.Split(' ', StringSplitOptions.RemoveEmptyEntries)), 77);
}
