namespace AptHandler.DeviceTests.WayBack;

/// <summary>What maintainer scripts of several packages do alike.</summary>
internal static class Scripts
{
    /// <summary>addgroup(8): a group stays when its package is removed (Debian Policy 9.2.2).</summary>
    public static Trace Group { get; } =
        new("addgroup keeps the group of a package", "/etc/group", "/etc/group-", "/etc/gshadow", "/etc/gshadow-", "/run/adduser");

    /// <summary>adduser(8): so does an account.</summary>
    public static Trace Account { get; } =
        new("adduser keeps the account of a package", "/etc/passwd", "/etc/passwd-", "/etc/shadow", "/etc/shadow-");

    /// <summary>The postinst of netbase.</summary>
    public static Trace Netbase { get; } = new("netbase writes them where there are none", "/etc/hosts", "/etc/networks");

    /// <summary>ucf(1) is new itself, and its package does not ship the folder.</summary>
    public static Trace Ucf { get; } =
        new("ucf begins its records", "/var/lib/ucf", "/var/lib/ucf/cache", "/var/lib/ucf/hashfile.0", "/var/lib/ucf/registry.0");
}
