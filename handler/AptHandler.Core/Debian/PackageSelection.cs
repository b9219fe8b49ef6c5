namespace AptHandler.Debian;

/// <summary>The wanted state of a package: the first word of <c>Status</c>, "package selection states" in dpkg(1).</summary>
public enum PackageSelection
{
    /// <summary>No state was requested.</summary>
    Unknown,

    /// <summary>The package is wanted.</summary>
    Install,

    /// <summary>The package is wanted as it is: apt and dpkg do not change it unless they are forced.</summary>
    Hold,

    /// <summary>The package is not wanted; its configuration files may stay.</summary>
    Deinstall,

    /// <summary>Neither the package nor its configuration files are wanted.</summary>
    Purge,
}
