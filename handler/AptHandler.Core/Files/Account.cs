using AptHandler.Native;

namespace AptHandler.Files;

/// <summary>A user of the system together with the group that bears the same name, as system accounts of Debian packages have it.</summary>
/// <param name="User">The number of the user.</param>
/// <param name="Group">The number of the group.</param>
public readonly record struct Account(uint User, uint Group)
{
    /// <summary>The account of the Device Update agent.</summary>
    public const string OfAgent = "adu";

    // More than an entry of any sane directory needs: the members of a group are listed in it.
    private const int LargestEntry = 1 << 20;

    /// <summary>Root's user and group.</summary>
    public static Account Root => default;

    /// <summary>Looks an account up where the system looks for it, which need not be /etc/passwd.</summary>
    /// <param name="name">The name of both user and group.</param>
    /// <returns>The account, or null where there is no such user or no such group.</returns>
    /// <exception cref="IOException">The system cannot tell now; the account may exist all the same.</exception>
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

    // getpwnam(3), getgrnam(3): all of these may mean that the name was not found.
    private static Account? NotFound(string what, string name, int error) => error is 0 or Libc.ENOENT or Libc.ESRCH or Libc.EBADF or Libc.EPERM
        ? null
        : throw new IOException($"cannot look up the {what} {name}: {Libc.Describe(error)}", error);
}
