using System.Runtime.InteropServices;

namespace AptHandler.Debian;

/// <summary>Where the value of a field lies in the file.</summary>
[StructLayout(LayoutKind.Auto)]
internal readonly record struct FieldValue(int Start, int Length);

/// <summary>The fields of a stanza that a <see cref="StatusEntry"/> shows.</summary>
[StructLayout(LayoutKind.Auto)]
internal struct StanzaFields
{
    public FieldValue Package;
    public FieldValue Architecture;
    public FieldValue Version;
    public PackageSelection Wanted;
    public PackageState State;
    public bool HasStatus;
    public bool ReinstallRequired;
    public bool Essential;
    public bool Protected;

    // No field that is looked at stands at the beginning of a file, so a start of zero means that the field was not there.
    public readonly bool IsComplete => HasStatus && Package.Start > 0 && Architecture.Start > 0 && Version.Start > 0;
}
