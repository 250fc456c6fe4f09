using StratoVirt.Qmp.Commands;

namespace StratoVirt.Qmp.Shapes;

/// <summary>The words of QMP's enumerations, in the order of their members.</summary>
internal static class Words
{
    private static readonly WordShape BlockdevDriverForm = new(nameof(BlockdevDriver), "raw", "file", "host_device");

    private static readonly WordShape BlockdevDiscardForm = new(nameof(BlockdevDiscard), "ignore", "unmap");

    private static readonly WordShape BlockdevAioForm = new(nameof(BlockdevAio), "threads", "io_uring");

    private static readonly WordShape ChardevKindForm = new(nameof(ChardevKind), "socket", "file", "pipe", "ringbuf");

    private static readonly WordShape SocketFamilyForm = new(nameof(SocketFamily), "unix");

    private static readonly WordShape RunStateForm = new(nameof(QmpRunState), "prelaunch", "running", "paused", "shutdown", "internal-error");

    private static readonly WordShape NetdevTypeForm = new(nameof(NetdevType), "tap", "user");

    private static readonly WordShape IoOperationTypeForm = new(nameof(IoOperationType), "read", "write");

    private static readonly WordShape BlockErrorActionForm = new(nameof(BlockErrorAction), "report");

    private static readonly WordShape SchemaMetaTypeForm = new(nameof(SchemaMetaType), "builtin", "enum", "array", "object", "command", "event");

    public static Shape<BlockdevDriver> BlockdevDriver => new(BlockdevDriverForm);

    public static Shape<BlockdevDiscard> BlockdevDiscard => new(BlockdevDiscardForm);

    public static Shape<BlockdevAio> BlockdevAio => new(BlockdevAioForm);

    public static Shape<ChardevKind> ChardevKind => new(ChardevKindForm);

    public static Shape<SocketFamily> SocketFamily => new(SocketFamilyForm);

    public static Shape<QmpRunState> RunState => new(RunStateForm);

    public static Shape<NetdevType> NetdevType => new(NetdevTypeForm);

    public static Shape<IoOperationType> IoOperationType => new(IoOperationTypeForm);

    public static Shape<BlockErrorAction> BlockErrorAction => new(BlockErrorActionForm);

    public static Shape<SchemaMetaType> SchemaMetaType => new(SchemaMetaTypeForm);
}
