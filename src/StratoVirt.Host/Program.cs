using StratoVirt.Host;
using StratoVirt.Machine.Detached;

return args is [HostOrder.Argument] ? OrderedHost.Run() : Usage.Refuse();
