using System.Diagnostics;
using System.Runtime.CompilerServices;

namespace StratoVirt.Store.Tests;

/// <summary>
/// Runs parts of tests in processes of their own: this very executable, told by an environment variable to do one thing
/// before the test runner starts.
/// </summary>
internal static class OtherProcess
{
    private const string Variable = "STRATOVIRT_STORE_TEST";

    internal static Process Start(params string[] arguments)
    {
        var start = new ProcessStartInfo(Environment.ProcessPath!) { RedirectStandardOutput = true };
        start.Environment[Variable] = string.Join('\n', arguments);
        return Process.Start(start)!;
    }

    [ModuleInitializer]
    internal static void RunIfTold()
    {
        if (Environment.GetEnvironmentVariable(Variable) is not string told)
        {
            return;
        }

        string[] arguments = told.Split('\n');
        switch (arguments)
        {
            case ["crash", string root, string verb, string step]:
                Crash(root, verb, Enum.Parse<StoreStep>(step));
                break;
            case ["add", string root, string count]:
                Console.Write(AddAll(root, int.Parse(count)));
                break;
            case ["count", string root, string rounds]:
                CountUp(root, int.Parse(rounds));
                break;
            default:
                throw new ArgumentException($"Unknown: {told}");
        }

        Environment.Exit(0);
    }

    // SIGKILL: no finally, no dispose, nothing flushed.
    private static void Crash(string root, string verb, StoreStep at)
    {
        var store = new DefinitionStore(root)
        {
            OnStep = step =>
            {
                if (step == at)
                {
                    Process.GetCurrentProcess().Kill();
                    Thread.Sleep(Timeout.Infinite);
                }
            },
        };
        switch (verb)
        {
            case "Add":
                store.Add(TemporaryStore.Define("web", cpus: 2));
                break;
            case "Replace":
                store.Replace(TemporaryStore.Define("web", cpus: 2));
                break;
            default:
                store.Remove("web");
                break;
        }
    }

    private static int AddAll(string root, int count)
    {
        AwaitStart(root);
        var store = new DefinitionStore(root);
        int added = 0;
        for (int i = 0; i < count; i++)
        {
            try
            {
                store.Add(TemporaryStore.Define($"vm{i}"));
                added++;
            }
            catch (StoreException refused) when (refused.Id == StoreErrorId.AlreadyExists)
            {
                continue;
            }
        }

        return added;
    }

    private static void CountUp(string root, int rounds)
    {
        AwaitStart(root);
        var store = new DefinitionStore(root);
        for (int i = 0; i < rounds; i++)
        {
            store.Update("counter", d => d with { Spec = d.Spec with { Cpus = d.Spec.Cpus + 1 } });
        }
    }

    private static void AwaitStart(string root) => SpinWait.SpinUntil(() => File.Exists(Path.Combine(root, "go")), TimeSpan.FromSeconds(60));
}
