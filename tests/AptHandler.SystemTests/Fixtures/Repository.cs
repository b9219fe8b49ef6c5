using System.Globalization;
using System.Security.Cryptography;
using System.Text.Json.Nodes;

namespace AptHandler.SystemTests.Fixtures;

/// <summary>An apt repository of tiny real packages. Packages are collected and built together by <see cref="Index"/>.</summary>
/// <param name="isSigned">False: quicker, where signatures do not matter.</param>
public sealed class Repository(bool isSigned = true) : IDisposable
{
    private readonly TemporaryFolder _folder = new("repository");
    private readonly List<string> _pending = [];
    private string? _armouredKey;

    public string Location => _folder;

    private string Release => Path.Combine(_folder, "dists/stable/Release");

    private string Signed => Path.Combine(_folder, "dists/stable/InRelease");

    public string Keyring => Path.Combine(_folder, "key.gpg");

    /// <summary>Whether it is signed; clients must trust it blindly if not.</summary>
    public bool IsSigned => isSigned;

    /// <summary>The key that it is signed with, once it was indexed, in ASCII armour.</summary>
    public string ArmouredKey =>
        _armouredKey ??= Command
            .Run("gpg", ["--batch", "--homedir", Path.Combine(_folder, "keys"), "--armor", "--export"])
            .Succeeded("export a key")
            .Output;

    /// <summary>Read without a server, with apt's copy method: as with HTTP, packages go through apt's cache.</summary>
    public string CopyUri => $"copy:{_folder}";

    /// <summary>The repository as a source of a manifest.</summary>
    /// <param name="uri">Where it is to be found.</param>
    public JsonObject AsSource(string uri) =>
        new()
        {
            ["uris"] = new JsonArray(uri),
            ["suites"] = new JsonArray("stable"),
            ["components"] = new JsonArray("main"),
            ["signingKey"] = ArmouredKey,
        };

    /// <summary>Adds a package. An equal name, version and architecture takes the place of what was there.</summary>
    /// <param name="preinst">As the other scripts: sh with -e, unless it starts with #!. It sees the private root as $DPKG_ROOT.</param>
    /// <param name="triggers">A line of deb-triggers(5): "interest /usr/share/x".</param>
    /// <param name="conffile">/path=content</param>
    /// <param name="file">/path=content</param>
    /// <param name="sizeKib">Also becomes the Installed-Size. Zero: a package with next to nothing in it.</param>
    /// <param name="fields">Other lines of the control file: "Conflicts: x", "Essential: yes".</param>
    public Repository Package(
        string name,
        string version,
        string? depends = null,
        string? preinst = null,
        string? postinst = null,
        string? prerm = null,
        string? postrm = null,
        string? triggers = null,
        string? conffile = null,
        string? file = null,
        int sizeKib = 0,
        string architecture = "all",
        params string[] fields
    )
    {
        Add([name, version, "--arch", architecture, .. fields]);
        if (depends is not null)
            _pending.Add($"Depends: {depends}");
        foreach (var (script, text) in new[] { ("preinst", preinst), ("postinst", postinst), ("prerm", prerm), ("postrm", postrm) })
            if (text is not null)
                _pending.AddRange(["--script", $"{script}={text}"]);
        if (triggers is not null)
            _pending.AddRange(["--triggers", triggers]);
        if (conffile is not null)
            _pending.AddRange(["--conffile", conffile]);
        if (file is not null)
            _pending.AddRange(["--file", file]);
        if (sizeKib > 0)
            _pending.AddRange(["--size", $"{sizeKib}"]);
        return this;
    }

    /// <summary>Adds a package in the words of <c>private-root.sh package</c>.</summary>
    public Repository Add(params IEnumerable<string> words)
    {
        if (_pending.Count > 0)
            _pending.Add("--and");
        _pending.AddRange(words);
        return this;
    }

    /// <summary>Adds one more file to the package that was added last.</summary>
    /// <param name="path">Where it lies.</param>
    /// <param name="content">Beginning with #!: a program.</param>
    public Repository WithFile(string path, string content) => With("--file", $"{path}={content}");

    /// <summary>Adds one more configuration file to the package that was added last.</summary>
    public Repository WithConffile(string path, string content) => With("--conffile", $"{path}={content}");

    /// <summary>Adds a symbolic link to the package that was added last.</summary>
    public Repository WithLink(string path, string target) => With("--link", $"{path}={target}");

    /// <summary>Takes a package out again. Clients see it after the next <see cref="Index"/>.</summary>
    public Repository Remove(string name, string version)
    {
        Build();
        PrivateRootScript.Run("withdraw", _folder, name, version);
        return this;
    }

    /// <summary>Builds what was added and publishes the index; apt sees a newer one each time.</summary>
    public Repository Index()
    {
        Build();
        PrivateRootScript.Run(["index", _folder, .. isSigned ? (string[])[] : ["--unsigned"]]);
        return this;
    }

    /// <summary>Publishes the last index once more, as it would be at another time.</summary>
    /// <param name="field">Date or Valid-Until.</param>
    /// <param name="time">What it is to say.</param>
    public Repository Redate(string field, DateTimeOffset time)
    {
        var line = $"{field}: {time.UtcDateTime.ToString("R", CultureInfo.InvariantCulture)}";
        var others = File.ReadAllLines(Release).Where(each => !each.StartsWith($"{field}:", StringComparison.Ordinal));
        File.WriteAllLines(Release, [line, .. others]);
        return Sign();
    }

    /// <summary>Publishes the last index once more, without some of what it tells of each package.</summary>
    /// <param name="fields">Fields such as SHA256.</param>
    public Repository WithoutFields(params string[] fields)
    {
        const string Index = "main/binary-amd64/Packages";
        var file = Path.Combine(_folder, "dists/stable", Index);
        File.WriteAllLines(file, File.ReadAllLines(file).Where(line => !fields.Contains(line.Split(':')[0])));
        var bytes = File.ReadAllBytes(file);
        var about = File.ReadAllLines(Release).TakeWhile(line => line != "MD5Sum:");
        File.WriteAllLines(Release, [.. about, "SHA256:", $" {Convert.ToHexStringLower(SHA256.HashData(bytes))} {bytes.Length} {Index}"]);
        return Sign();
    }

    /// <summary>Indexes the packages of all architectures, without a signature.</summary>
    /// <returns>The line of a *.list file for them.</returns>
    public string IndexFlat()
    {
        Build();
        const string Script =
            "cd \"$0\"; apt-ftparchive packages pool >Packages; apt-ftparchive release . >Release.new; mv Release.new Release";
        Command.Run("sh", ["-ec", Script, Location]).Succeeded("index");
        return $"deb [trusted=yes] {CopyUri} ./\n";
    }

    /// <summary>Takes the signature of the last index away.</summary>
    public Repository Unsign()
    {
        File.Delete(Signed);
        return this;
    }

    /// <summary>The file of a package, for dpkg.</summary>
    public string Deb(string name, string version, string architecture = "all")
    {
        Build();
        return Path.Combine(_folder, "pool", $"{name}_{version.Replace(':', '_')}_{architecture}.deb");
    }

    public void Dispose() => _folder.Dispose();

    private Repository Sign()
    {
        string[] sign = ["--batch", "--yes", "--homedir", Path.Combine(_folder, "keys"), "--clearsign", "--output", Signed, Release];
        Command.Run("gpg", sign).Succeeded("sign the index");
        return this;
    }

    private Repository With(params string[] words)
    {
        if (_pending.Count == 0)
            throw new InvalidOperationException("cannot add to a package: the last one is built already");
        _pending.AddRange(words);
        return this;
    }

    private void Build()
    {
        if (_pending.Count == 0)
            return;
        PrivateRootScript.Run(["package", _folder, .. _pending]);
        _pending.Clear();
    }
}
