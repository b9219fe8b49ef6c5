using System.Text;

namespace AptHandler.Debian;

/// <summary>What dpkg knows about one package: the fields of its stanza that decide what is installed.</summary>
/// <remarks>
/// A view into the file as it was read. The strings are made anew whenever they are asked for, so that reading a thousand stanzas to look at three makes six
/// strings and not three thousand.
/// </remarks>
public readonly struct StatusEntry
{
    private readonly byte[] _file;
    private readonly StanzaFields _fields;

    internal StatusEntry(byte[] file, in StanzaFields fields)
    {
        _file = file;
        _fields = fields;
    }

    /// <summary>The name of the package.</summary>
    public string Name => Encoding.UTF8.GetString(NameBytes);

    /// <summary>The architecture, which may be <c>all</c>, or the empty string where the stanza has none.</summary>
    public string Architecture => Encoding.UTF8.GetString(ArchitectureBytes);

    /// <summary>The version, spelled as dpkg spells it, or the empty string where the stanza has none.</summary>
    public string Version => Encoding.UTF8.GetString(Bytes(_fields.Version));

    /// <summary>What is wanted of the package.</summary>
    public PackageSelection Wanted => _fields.Wanted;

    /// <summary>Whether the package is broken and has to be installed anew (<c>reinstreq</c>, the second word of <c>Status</c>).</summary>
    public bool ReinstallRequired => _fields.ReinstallRequired;

    /// <summary>How far the installation has got.</summary>
    public PackageState State => _fields.State;

    /// <summary>Whether the machine cannot do without the package (<c>Essential: yes</c>, Debian Policy 3.8).</summary>
    public bool Essential => _fields.Essential;

    /// <summary>Whether the machine may not boot without the package (<c>Protected: yes</c>, deb-control(5)).</summary>
    public bool Protected => _fields.Protected;

    /// <summary>Whether the package is there, whole and configured. A held package is, too.</summary>
    public bool IsInstalled => State == PackageState.Installed && !ReinstallRequired;

    /// <summary>Whether its files are on the disk, wholly or in part: every state but <c>not-installed</c> and <c>config-files</c>.</summary>
    public bool HoldsFiles => State is not (PackageState.NotInstalled or PackageState.ConfigFiles);

    internal ReadOnlySpan<byte> NameBytes => Bytes(_fields.Package);

    internal ReadOnlySpan<byte> ArchitectureBytes => Bytes(_fields.Architecture);

    /// <summary>The package, its version and its state, for messages and for the debugger.</summary>
    public override string ToString() => $"{Name}:{Architecture} {Version} ({Wanted}, {State})";

    private ReadOnlySpan<byte> Bytes(FieldValue value) => _file.AsSpan(value.Start, value.Length);
}
