using System.Collections;

namespace AptHandler.SystemTests.Rollback.WayBack;

/// <summary>One thing in a package, in the words of <c>private-root.sh package</c>.</summary>
internal sealed record Part(params string[] Words);

/// <summary>A tiny package: a name, a version, and what is in it.</summary>
internal sealed class Package(string name, string version = "1", string architecture = "all") : IEnumerable<Part>
{
    private readonly List<Part> _parts = [];

    public string Name => name;

    /// <summary>For apt: the package, this version of it, of this architecture.</summary>
    public string Word => architecture == "all" ? $"{name}={version}" : $"{name}:{architecture}={version}";

    /// <summary>What is the name of its file.</summary>
    public (string Name, string Version, string Architecture) Identity => (name, version, architecture);

    /// <summary>All of it, for the script that builds it.</summary>
    public IEnumerable<string> Words => [name, version, "--arch", architecture, .. _parts.SelectMany(part => part.Words)];

    public void Add(Part part) => _parts.Add(part);

    public IEnumerator<Part> GetEnumerator() => _parts.GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();
}

/// <summary>What packages are made of.</summary>
internal static class Parts
{
    /// <summary>A line of the control file: "Replaces: x".</summary>
    public static Part Field(string line) => new(line);

    /// <summary>A file. Beginning with #!: a program.</summary>
    public static Part File(string path, string content, string? mode = null, string? owner = null) =>
        new(["--file", $"{path}={content}", .. Rights(path, mode, owner)]);

    public static Part Conffile(string path, string content, string? mode = null, string? owner = null) =>
        new(["--conffile", $"{path}={content}", .. Rights(path, mode, owner)]);

    public static Part Folder(string path, string? mode = null, string? owner = null) =>
        new(["--folder", path, .. Rights(path, mode, owner)]);

    public static Part Link(string path, string target) => new("--link", $"{path}={target}");

    /// <summary>Another name of a file that was named before.</summary>
    public static Part HardLink(string path, string file) => new("--hard-link", $"{path}={file}");

    /// <summary>Maintainer scripts: sh with -e, unless they begin with #!. They see the root of the device as $DPKG_ROOT.</summary>
    public static Part Preinst(string script) => new("--script", $"preinst={script}");

    public static Part Postinst(string script) => new("--script", $"postinst={script}");

    public static Part Prerm(string script) => new("--script", $"prerm={script}");

    public static Part Postrm(string script) => new("--script", $"postrm={script}");

    /// <summary>A line of deb-triggers(5).</summary>
    public static Part Triggers(string line) => new("--triggers", line);

    private static string[] Rights(string path, string? mode, string? owner) =>
        [.. owner is null ? (string[])[] : ["--owner", $"{path}={owner}"], .. mode is null ? (string[])[] : ["--mode", $"{path}={mode}"]];
}
