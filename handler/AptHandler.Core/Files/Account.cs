using AptHandler.Native;

namespace AptHandler.Files;

/// <summary>A user of the system, and the group of the same name. System accounts of Debian packages have both.</summary>
/// <param name="User">The number of the user.</param>
/// <param name="Group">The number of the group.</param>
public readonly record struct Account(uint User, uint Group)
{
    /// <summary>The account of the Device Update agent.</summary>
    public const string OfAgent = "adu";

    /// <summary>For <see cref="May"/>: to read.</summary>
    internal const uint Read = 4;

    /// <summary>For <see cref="May"/>: to write, or to change what is in a folder.</summary>
    internal const uint Write = 2;

    /// <summary>For <see cref="May"/>: to enter a folder, or to execute.</summary>
    internal const uint Enter = 1;

    // A group entry lists its members. This is larger than any reasonable entry.
    private const int LargestEntry = 1 << 20;

    /// <summary>Root's user and group.</summary>
    public static Account Root => default;

    /// <summary>Looks an account up in the databases of the system, which may be others than /etc/passwd.</summary>
    /// <param name="name">The name of both user and group.</param>
    /// <returns>The account, or null where there is no such user or no such group.</returns>
    /// <exception cref="IOException">The lookup fails. The account may exist all the same.</exception>
    public static unsafe Account? Find(string name)
    {
        var buffer = new byte[LargestEntry];
        fixed (byte* entry = buffer)
        {
            Libc.UserEntry user;
            Libc.UserEntry* foundUser;
            int error = Libc.UserByName(name, &user, entry, LargestEntry, &foundUser);
            if (foundUser == null)
                return NotFound("user", name, error);

            Libc.GroupEntry group;
            Libc.GroupEntry* foundGroup;
            error = Libc.GroupByName(name, &group, entry, LargestEntry, &foundGroup);
            return foundGroup == null ? NotFound("group", name, error) : new Account(user.User, group.Group);
        }
    }

    /// <summary>
    /// Whether owner, group and mode let this account do something with a file. Other groups of the user and access lists do not count.
    /// </summary>
    /// <param name="status">The file.</param>
    /// <param name="wanted"><see cref="Read"/>, <see cref="Write"/>, <see cref="Enter"/>, or several of them.</param>
    internal bool May(Libc.FileStatus status, uint wanted)
    {
        int shift =
            status.User == User ? 6
            : status.Group == Group ? 3
            : 0;
        return User == 0 || (((uint)status.Mode >> shift) & wanted) == wanted;
    }

    // getpwnam(3), getgrnam(3): all of these may mean that the name was not found.
    private static Account? NotFound(string what, string name, int error) =>
        error is 0 or Libc.ENOENT or Libc.ESRCH or Libc.EBADF or Libc.EPERM
            ? null
            : throw new IOException($"cannot look up the {what} {name}: {Libc.Describe(error)}", error);
}
