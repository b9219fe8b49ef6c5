namespace AptHandler.CommandLine.Installation;

/// <summary>The files of this handler, which are all in one folder.</summary>
internal static class HandlerFiles
{
    private const string PackageFolder = "/usr/lib/du-apt-handler";

    /// <summary>The folder of the running program: <c>/usr/lib/du-apt-handler</c> if its package has installed it.</summary>
    public static string Folder { get; } = Path.TrimEndingDirectorySeparator(AppContext.BaseDirectory);

    /// <summary>Whether this is the copy that the Debian package installed. Only then do all folders above it belong to root.</summary>
    public static bool IsInstalledCopy => Folder == PackageFolder;

    /// <summary>The library that the Debian package has installed.</summary>
    public const string InstalledLibrary = $"{PackageFolder}/libdu_apt_handler.so";

    /// <summary>The library that the agent loads.</summary>
    public static string Library { get; } = Path.Combine(Folder, "libdu_apt_handler.so");

    /// <summary>This program.</summary>
    public static string Program { get; } = Path.Combine(Folder, "du-apt");

    /// <summary>The script that adu-shell runs as root.</summary>
    public static string RootScript { get; } = Path.Combine(Folder, "du-apt-root");
}
