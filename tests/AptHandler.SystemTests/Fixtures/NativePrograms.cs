namespace AptHandler.SystemTests.Fixtures;

/// <summary>The native parts of the tests, compiled when first needed and again when their sources have changed.</summary>
public static class NativePrograms
{
    private static readonly Lazy<string> Folder = new(Compile);

    public static string AgentHost => Named("agent-host");

    /// <summary>A library with the agent's functions, opened by the host as the agent opens its own.</summary>
    public static string Steps => Named("libfake_steps.so");

    /// <summary>The same as agents 1.0.x have it: without ADUC_ConfigInfo.</summary>
    public static string Steps10 => Named("libfake_steps_1_0.so");

    /// <summary>A library that lacks one function, workflow_peek_id.</summary>
    public static string StepsPartial => Named("libfake_steps_partial.so");

    /// <summary>A step handler that does nothing, to try the host on.</summary>
    public static string NullHandler => Named("null_handler.so");

    public static string LockHolder => Named("hold-lock");

    private static string Named(string name) => Path.Combine(Folder.Value, name);

    private static string Compile()
    {
        var output = Path.Combine(SourceTree.Root, "artifacts", "test-native");
        Directory.CreateDirectory(output);
        // Two test runs at once must not write the same object file.
        string[] make =
        [
            "--close",
            output,
            "make",
            "--silent",
            "-j2",
            "-C",
            Path.Combine(SourceTree.Root, "tests", "agent-host"),
            $"OUT={output}",
        ];
        Command.Run("flock", make).Succeeded("compile the native parts of the tests");
        return output;
    }
}
