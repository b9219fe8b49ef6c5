using System.Runtime.InteropServices;
using AptHandler.Native;

namespace AptHandler.CommandLine.Images;

/// <summary>
/// The capabilities that root keeps in an image (capabilities(7)): those that packages and their scripts need for the files and processes
/// of the image. Capabilities that reach the machine itself are removed: mounts, other roots, devices, the kernel, its clock, its log, its
/// network interfaces, files by their handles.
/// </summary>
internal static unsafe class Capabilities
{
    private const int Chown = 0,
        DacOverride = 1,
        Fowner = 3,
        Fsetid = 4,
        Kill = 5,
        Setgid = 6,
        Setuid = 7,
        Setpcap = 8,
        NetBindService = 10,
        AuditWrite = 29,
        Setfcap = 31;

    private static readonly int[] Kept =
    [
        Chown,
        DacOverride,
        Fowner,
        Fsetid,
        Kill,
        Setgid,
        Setuid,
        Setpcap,
        NetBindService,
        AuditWrite,
        Setfcap,
    ];

    /// <summary>Removes all other capabilities from every program that this thread becomes or starts.</summary>
    /// <returns>Whether it could be done.</returns>
    public static bool Shed()
    {
        const int DropFromBoundingSet = 24,
            Ambient = 47,
            ClearAll = 4; // PR_*
        for (int capability = 0; ; capability++)
        {
            if (Kept.Contains(capability))
                continue;
            if (Libc.ProcessControl(DropFromBoundingSet, (nuint)capability, 0, 0, 0) == 0)
                continue;

            // The number is beyond the last capability of this kernel.
            if (Marshal.GetLastPInvokeError() == Libc.EINVAL && capability > Setfcap)
                break;
            return false;
        }

        _ = Libc.ProcessControl(Ambient, ClearAll, 0, 0, 0);
        return ClearInheritable();
    }

    // Programs that root starts get the inheritable capabilities in addition, whatever the bounding set says.
    private static bool ClearInheritable()
    {
        const uint Version3 = 0x20080522;
        var header = new Libc.CapabilityHeader { Version = Version3 };
        Libc.CapabilitySets* sets = stackalloc Libc.CapabilitySets[2];
        if (Libc.GetCapabilities(&header, sets) != 0)
            return false;
        sets[0].Inheritable = sets[1].Inheritable = 0;
        return Libc.SetCapabilities(&header, sets) == 0;
    }
}
