using System.Runtime.InteropServices;
using System.Text;

namespace AptHandler.Debian;

/// <summary>The entry of one package in dpkg's database: the fields of its stanza that decide what is installed.</summary>
/// <remarks>
/// Keeps the bytes of the file. Strings are made only when they are read. So a search among a thousand stanzas does not make thousands of
/// strings.
/// </remarks>
[StructLayout(LayoutKind.Auto)]
public readonly struct StatusEntry
{
    // Name, architecture and version, one behind the other, in an array that other entries share.
    private readonly byte[] _text;
    private readonly int _start;
    private readonly int _endOfName;
    private readonly int _endOfArchitecture;
    private readonly int _end;
    private readonly StatusWords _status;

    internal StatusEntry(
        StanzaTexts texts,
        ReadOnlySpan<byte> name,
        ReadOnlySpan<byte> architecture,
        ReadOnlySpan<byte> version,
        StatusWords status,
        bool essential,
        bool isProtected
    )
    {
        (_text, _start) = texts.Add(name.Length + architecture.Length + version.Length);
        _endOfName = _start + name.Length;
        _endOfArchitecture = _endOfName + architecture.Length;
        _end = _endOfArchitecture + version.Length;
        name.CopyTo(_text.AsSpan(_start));
        architecture.CopyTo(_text.AsSpan(_endOfName));
        version.CopyTo(_text.AsSpan(_endOfArchitecture));
        _status = status;
        Essential = essential;
        Protected = isProtected;
    }

    /// <summary>The name of the package.</summary>
    public string Name => Encoding.UTF8.GetString(NameBytes);

    /// <summary>The architecture, which may be <c>all</c>, or the empty string where the stanza has none.</summary>
    public string Architecture => Encoding.UTF8.GetString(ArchitectureBytes);

    /// <summary>The version, spelled as dpkg spells it, or the empty string where the stanza has none.</summary>
    public string Version => Encoding.UTF8.GetString(_text.AsSpan(_endOfArchitecture, _end - _endOfArchitecture));

    /// <summary>The wanted state of the package.</summary>
    public PackageSelection Wanted => _status.Wanted;

    /// <summary>Whether the package is broken and has to be installed anew (<c>reinstreq</c>, the second word of <c>Status</c>).</summary>
    public bool ReinstallRequired => _status.ReinstallRequired;

    /// <summary>How far the package is installed.</summary>
    public PackageState State => _status.State;

    /// <summary>Whether the machine needs the package to work (<c>Essential: yes</c>, Debian Policy 3.8).</summary>
    public bool Essential { get; }

    /// <summary>Whether the machine may fail to boot without the package (<c>Protected: yes</c>, deb-control(5)).</summary>
    public bool Protected { get; }

    /// <summary>Whether the package is completely installed and configured. A held package can be, too.</summary>
    public bool IsInstalled => State == PackageState.Installed && !ReinstallRequired;

    /// <summary>
    /// Whether all or some of its files are on the disk: every state but <c>not-installed</c> and <c>config-files</c>.
    /// </summary>
    public bool HoldsFiles => State is not (PackageState.NotInstalled or PackageState.ConfigFiles);

    internal ReadOnlySpan<byte> NameBytes => _text.AsSpan(_start, _endOfName - _start);

    internal ReadOnlySpan<byte> ArchitectureBytes => _text.AsSpan(_endOfName, _endOfArchitecture - _endOfName);

    /// <summary>The package, its version and its state, for messages and for the debugger.</summary>
    public override string ToString() => $"{Name}:{Architecture} {Version} ({Wanted}, {State})";
}
