using System.Runtime.InteropServices;

namespace AptHandler.Debian;

/// <summary>The three words of the field <c>Status</c>: dpkg(1), "Information about packages".</summary>
[StructLayout(LayoutKind.Auto)]
internal readonly record struct StatusWords(PackageSelection Wanted, bool ReinstallRequired, PackageState State)
{
    /// <summary>Reads the value of the field.</summary>
    /// <returns>False where it is not three known words.</returns>
    public static bool TryRead(ReadOnlySpan<byte> value, out StatusWords words)
    {
        // Nearly every stanza has these words.
        if (value.SequenceEqual("install ok installed"u8))
        {
            words = new StatusWords(PackageSelection.Install, ReinstallRequired: false, PackageState.Installed);
            return true;
        }

        words = default;
        int first = value.IndexOf((byte)' ');
        int last = value.LastIndexOf((byte)' ');
        if (first == last)
            return false;

        PackageSelection? wanted = SelectionOf(value[..first]);
        bool? reinstallRequired = ReinstallRequiredOf(value[(first + 1)..last]);
        PackageState? state = StateOf(value[(last + 1)..]);
        if (wanted is null || reinstallRequired is null || state is null)
            return false;

        words = new StatusWords(wanted.Value, reinstallRequired.Value, state.Value);
        return true;
    }

    private static PackageSelection? SelectionOf(ReadOnlySpan<byte> word) =>
        word switch
        {
            _ when word.SequenceEqual("unknown"u8) => PackageSelection.Unknown,
            _ when word.SequenceEqual("install"u8) => PackageSelection.Install,
            _ when word.SequenceEqual("hold"u8) => PackageSelection.Hold,
            _ when word.SequenceEqual("deinstall"u8) => PackageSelection.Deinstall,
            _ when word.SequenceEqual("purge"u8) => PackageSelection.Purge,
            _ => null,
        };

    private static bool? ReinstallRequiredOf(ReadOnlySpan<byte> word) =>
        word switch
        {
            _ when word.SequenceEqual("ok"u8) => false,
            _ when word.SequenceEqual("reinstreq"u8) => true,
            _ => null,
        };

    private static PackageState? StateOf(ReadOnlySpan<byte> word) =>
        word switch
        {
            _ when word.SequenceEqual("not-installed"u8) => PackageState.NotInstalled,
            _ when word.SequenceEqual("config-files"u8) => PackageState.ConfigFiles,
            _ when word.SequenceEqual("half-installed"u8) => PackageState.HalfInstalled,
            _ when word.SequenceEqual("unpacked"u8) => PackageState.Unpacked,
            _ when word.SequenceEqual("half-configured"u8) => PackageState.HalfConfigured,
            _ when word.SequenceEqual("triggers-awaited"u8) => PackageState.TriggersAwaited,
            _ when word.SequenceEqual("triggers-pending"u8) => PackageState.TriggersPending,
            _ when word.SequenceEqual("installed"u8) => PackageState.Installed,
            _ => null,
        };
}
