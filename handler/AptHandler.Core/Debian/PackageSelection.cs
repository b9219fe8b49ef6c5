namespace AptHandler.Debian;

/// <summary>What is wanted of a package: the first word of <c>Status</c>, "package selection states" in dpkg(1).</summary>
public enum PackageSelection
{
    /// <summary>Nothing has been said about it.</summary>
    Unknown,

    /// <summary>It is wanted.</summary>
    Install,

    /// <summary>It is wanted as it is: apt and dpkg leave it alone unless they are forced.</summary>
    Hold,

    /// <summary>It is not wanted; its configuration files may stay.</summary>
    Deinstall,

    /// <summary>It is not wanted, nor are its configuration files.</summary>
    Purge,
}
