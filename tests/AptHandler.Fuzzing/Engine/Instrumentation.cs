using System.Diagnostics;
using System.Reflection;
using SharpFuzz;

namespace AptHandler.Fuzzing.Engine;

/// <summary>
/// Changes a copy of the product so that it tells which branches it takes, and starts this program anew beside that copy. What was built
/// stays as it is.
/// </summary>
internal static class Instrumentation
{
    private const string FolderName = "instrumented";

    private static readonly string[] Assemblies = ["AptHandler.Core.dll", "AptHandler.Authoring.dll", "du-apt.dll"];

    /// <summary>Whether this process runs beside the copy.</summary>
    public static bool IsDone => Path.GetFileName(Path.TrimEndingDirectorySeparator(AppContext.BaseDirectory)) == FolderName;

    /// <summary>Makes the copy and runs this program there.</summary>
    /// <param name="arguments">The command line.</param>
    /// <returns>The exit status.</returns>
    public static int RunInCopy(string[] arguments)
    {
        string copy = Path.Combine(AppContext.BaseDirectory, FolderName);
        if (Directory.Exists(copy))
            Directory.Delete(copy, recursive: true);
        Directory.CreateDirectory(copy);
        foreach (string file in Directory.EnumerateFiles(AppContext.BaseDirectory))
            File.Copy(file, Path.Combine(copy, Path.GetFileName(file)));
        foreach (string assembly in Assemblies)
            _ = Fuzzer.Instrument(Path.Combine(copy, assembly), _ => true, Options.Value).Count();

        string program = Path.Combine(copy, Path.GetFileName(Assembly.GetExecutingAssembly().Location));
        using Process process = Process.Start(Environment.ProcessPath!, [program, .. arguments]);
        process.WaitForExit();
        return process.ExitCode;
    }
}
