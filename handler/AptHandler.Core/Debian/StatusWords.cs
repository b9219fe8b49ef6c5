namespace AptHandler.Debian;

/// <summary>The words that the field <c>Status</c> is made of: dpkg(1), "Information about packages".</summary>
internal static class StatusWords
{
    /// <summary>Reads the first word.</summary>
    public static bool TryRead(ReadOnlySpan<byte> word, out PackageSelection selection)
    {
        selection = PackageSelection.Unknown;
        if (word.SequenceEqual("install"u8))
            selection = PackageSelection.Install;
        else if (word.SequenceEqual("hold"u8))
            selection = PackageSelection.Hold;
        else if (word.SequenceEqual("deinstall"u8))
            selection = PackageSelection.Deinstall;
        else if (word.SequenceEqual("purge"u8))
            selection = PackageSelection.Purge;
        else
            return word.SequenceEqual("unknown"u8);
        return true;
    }

    /// <summary>Reads the second word.</summary>
    public static bool TryRead(ReadOnlySpan<byte> word, out bool reinstallRequired)
    {
        reinstallRequired = word.SequenceEqual("reinstreq"u8);
        return reinstallRequired || word.SequenceEqual("ok"u8);
    }

    /// <summary>Reads the third word.</summary>
    public static bool TryRead(ReadOnlySpan<byte> word, out PackageState state)
    {
        state = PackageState.NotInstalled;
        if (word.SequenceEqual("installed"u8))
            state = PackageState.Installed;
        else if (word.SequenceEqual("config-files"u8))
            state = PackageState.ConfigFiles;
        else if (word.SequenceEqual("half-installed"u8))
            state = PackageState.HalfInstalled;
        else if (word.SequenceEqual("unpacked"u8))
            state = PackageState.Unpacked;
        else if (word.SequenceEqual("half-configured"u8))
            state = PackageState.HalfConfigured;
        else if (word.SequenceEqual("triggers-awaited"u8))
            state = PackageState.TriggersAwaited;
        else if (word.SequenceEqual("triggers-pending"u8))
            state = PackageState.TriggersPending;
        else
            return word.SequenceEqual("not-installed"u8);
        return true;
    }
}
