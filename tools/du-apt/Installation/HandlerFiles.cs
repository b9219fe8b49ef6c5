namespace AptHandler.CommandLine.Installation;

/// <summary>The files of this handler, which lie side by side.</summary>
internal static class HandlerFiles
{
    /// <summary>The folder of the running program: <c>/usr/lib/du-apt-handler</c> when it was installed by its package.</summary>
    public static string Folder { get; } = Path.TrimEndingDirectorySeparator(AppContext.BaseDirectory);

    /// <summary>The library that the agent loads.</summary>
    public static string Library { get; } = Path.Combine(Folder, "libdu_apt_handler.so");

    /// <summary>This program.</summary>
    public static string Program { get; } = Path.Combine(Folder, "du-apt");

    /// <summary>The script that adu-shell runs as root.</summary>
    public static string RootScript { get; } = Path.Combine(Folder, "du-apt-root");
}
