using System.Text;
using AptHandler.Files;
using AptHandler.Processes;

namespace AptHandler.UnitTests;

/// <summary>Runs programs of the machine to their end.</summary>
internal static class RealProgram
{
    /// <summary>Far more than any test needs; only a broken one waits this long.</summary>
    public static readonly TimeSpan Patience = TimeSpan.FromMinutes(1);

    private static readonly string[] PlainEnvironment = ["PATH=/usr/sbin:/usr/bin:/sbin:/bin", "LC_ALL=C.UTF-8"];

    public static (ExitStatus Exit, string Output) Run(string program, IReadOnlyList<string> arguments, params string[] environment)
    {
        using var output = Descriptor.InMemory("output");
        using ChildProcess child = ChildProcess.Spawn(
            new ChildStart(program, arguments, environment.Length > 0 ? environment : PlainEnvironment)
            {
                Output = output.Number,
                Error = output.Number,
            }
        );
        ExitStatus? exit = child.Wait(Patience);
        exit.Should().NotBeNull($"{program} should have ended");
        return (exit!.Value, TextOf(output));
    }

    public static (ExitStatus Exit, string Output) Shell(string script) => Run("/bin/sh", ["-c", script]);

    public static string TextOf(Descriptor file)
    {
        var bytes = new byte[(int)file.Status().Size];
        return Encoding.UTF8.GetString(bytes, 0, file.ReadAt(bytes, 0));
    }

    /// <summary>Waits until something is so.</summary>
    public static void Until(Func<bool> isSo, string what)
    {
        SpinWait.SpinUntil(isSo, Patience).Should().BeTrue(what);
    }
}
