using System.Runtime.InteropServices;

namespace AptHandler.Plugin;

internal static unsafe class Exports
{
    [UnmanagedCallersOnly(EntryPoint = "CreateUpdateContentHandlerExtension")]
    public static void* Create(int logLevel) => null;
}
