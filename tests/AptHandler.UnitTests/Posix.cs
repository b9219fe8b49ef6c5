using System.Runtime.InteropServices;

namespace AptHandler.UnitTests;

/// <summary>The calls of the C library that tests need to make unusual files and conditions.</summary>
internal static unsafe partial class Posix
{
    public const int SIGUSR2 = 12;
    private const int SIG_BLOCK = 0;
    private const int SIG_SETMASK = 2;

    public static bool IsRoot => EffectiveUser() == 0;

    public static void MakeFifo(string path) =>
        MakeFifo(
                path,
                0x1A4 /* 0644 */
            )
            .Should()
            .Be(0);

    public static void MakeHardLink(string target, string path) => Link(target, path).Should().Be(0);

    public static void ChangeOwner(string path, uint user, uint group) => Chown(path, user, group).Should().Be(0);

    /// <summary>Does something while a signal is blocked in this thread.</summary>
    public static T WithBlocked<T>(int signal, Func<T> action)
    {
        ulong* set = stackalloc ulong[16];
        ulong* before = stackalloc ulong[16];
        new Span<ulong>(set, 16).Clear();
        set[0] = 1UL << (signal - 1);
        SignalMask(SIG_BLOCK, set, before).Should().Be(0);
        try
        {
            return action();
        }
        finally
        {
            _ = SignalMask(SIG_SETMASK, before, null);
        }
    }

    [LibraryImport("libc", EntryPoint = "mkfifo", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int MakeFifo(string path, uint mode);

    [LibraryImport("libc", EntryPoint = "link", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Link(string target, string path);

    [LibraryImport("libc", EntryPoint = "chown", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Chown(string path, uint user, uint group);

    [LibraryImport("libc", EntryPoint = "geteuid")]
    private static partial uint EffectiveUser();

    [LibraryImport("libc", EntryPoint = "pthread_sigmask")]
    private static partial int SignalMask(int how, ulong* set, ulong* before);
}
