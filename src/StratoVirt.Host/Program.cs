using StratoVirt.Host;
using StratoVirt.Host.CommandLine;
using StratoVirt.Machine.Detached;

Footprint.Prepare();
return args switch
{
    [HostOrder.Argument] => OrderedHost.Run(),
    [CommandLineHost.DaemonArgument, .. string[] rest] => CommandLineHost.Run(rest, isDaemon: true),
    _ => CommandLineHost.Run(args, isDaemon: false),
};
