using AptHandler.SystemTests.Fixtures;

namespace AptHandler.SystemTests.Agent;

/// <summary>The file that the agent loads: what it shows to the process, and what it needs from the system.</summary>
public sealed class LibraryTests
{
    [Fact]
    public void It_exports_what_the_agent_looks_for_and_nothing_of_its_own_besides()
    {
        var symbols = Lines("nm", "-D", "--defined-only", SourceTree.HandlerLibrary).Select(line => line.Split(' ')[^1].Split('@')[0]);
        symbols
            .Should()
            .BeEquivalentTo([
                "CreateUpdateContentHandlerExtension",
                "GetContractInfo",
                "DotNetRuntimeDebugHeader", // of the runtime, for debuggers
                "V1.0", // the version of the symbols
            ]);
    }

    [Fact]
    public void It_stays_loaded_when_it_is_closed_and_needs_the_C_library_alone()
    {
        var dynamic = Lines("readelf", "-d", "--wide", SourceTree.HandlerLibrary);
        dynamic
            .Should()
            .Contain(line => line.Contains("FLAGS_1", StringComparison.Ordinal) && line.Contains("NODELETE", StringComparison.Ordinal));
        var needed = dynamic
            .Where(line => line.Contains("(NEEDED)", StringComparison.Ordinal))
            .Select(line => line.Split('[', ']')[1].Split(".so")[0]);
        needed
            .Should()
            .BeSubsetOf(["libc", "libm", "libdl", "libpthread", "librt", "ld-linux-x86-64", "ld-linux-aarch64", "ld-linux-armhf"]);
    }

    private static string[] Lines(string program, params string[] arguments) =>
        Command.Run(program, arguments).Succeeded(program).Output.Split('\n', StringSplitOptions.RemoveEmptyEntries);
}
