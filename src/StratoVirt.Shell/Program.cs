using StratoVirt.Shell.Hosting;
using StratoVirt.Shell.Running;

namespace StratoVirt.Shell;

internal static class Program
{
    private static int Main(string[] args)
    {
        EnglishCulture.Use();
        ShellOptions options;
        try
        {
            options = ShellArguments.Parse(args);
        }
        catch (ShellArgumentException error)
        {
            Console.Error.WriteLine($"strato: {error.Message}");
            return ExitCodes.BadArguments;
        }
        switch (options.Mode)
        {
            case ShellMode.Help:
                Console.Out.Write(ShellArguments.Usage);
                return ExitCodes.Success;
            case ShellMode.Version:
                Console.Out.WriteLine(ShellVersion.Text);
                return ExitCodes.Success;
            default:
                using (var session = new ShellSession(options))
                {
                    return session.Run();
                }
        }
    }
}
