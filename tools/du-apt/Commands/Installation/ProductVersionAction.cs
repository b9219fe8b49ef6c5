using System.CommandLine;
using System.CommandLine.Invocation;
using AptHandler.CommandLine.Output;
using AptHandler.CommandLine.Shared;
using AptHandler.Debian;

namespace AptHandler.CommandLine.Commands.Installation;

/// <summary>What --version prints: only the version, or with --verbose everything that identifies the build.</summary>
internal sealed class ProductVersionAction : SynchronousCommandLineAction
{
    private static readonly Option<bool> Verbose = new("--verbose")
    {
        Description = "With --version: also the commit, the .NET runtime and the architecture.",
    };

    private ProductVersionAction() { }

    /// <summary>Gives the root command its options.</summary>
    public static void AddTo(RootCommand root)
    {
        VersionOption version = root.Options.OfType<VersionOption>().Single();
        version.Description = "Show the version of the program.";
        version.Action = new ProductVersionAction();
        // By default the parser allows no other option together with --version.
        version.Validators.Clear();
        root.Add(Verbose);
    }

    public override int Invoke(ParseResult parseResult)
    {
        if (parseResult.GetValue(SharedOptions.Json))
        {
            ResultOutput.PrintJson(writer =>
            {
                writer.WriteString("version", ProductVersion.Text);
                writer.WriteString("commit", ProductVersion.Commit);
                writer.WriteString("runtime", ProductVersion.Runtime);
                writer.WriteString("architecture", DebianArchitecture.OfThisProcess);
            });
        }
        else if (parseResult.GetValue(Verbose))
        {
            Terminal.Print($"du-apt {ProductVersion.Text}");
            Terminal.Print($"commit: {ProductVersion.Commit ?? "unknown: built without the history of git"}");
            Terminal.Print($"runtime: {ProductVersion.Runtime}, linked in");
            Terminal.Print($"architecture: {DebianArchitecture.OfThisProcess}");
        }
        else
        {
            Terminal.Print($"{ProductVersion.Text}");
        }

        return 0;
    }
}
