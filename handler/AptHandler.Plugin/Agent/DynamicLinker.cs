using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace AptHandler.Plugin.Agent;

/// <summary>The dynamic linker: which libraries are loaded, and what they export.</summary>
internal static unsafe partial class DynamicLinker
{
    private const int RTLD_LAZY = 1,
        RTLD_NOLOAD = 4;

    /// <summary>The paths of all loaded libraries. Those without a path (the program itself, the vdso) are left out.</summary>
    public static List<string> LoadedLibraries()
    {
        var paths = new List<string>();
        GCHandle handle = GCHandle.Alloc(paths);
        try
        {
            _ = IterateLoaded(&Collect, (void*)GCHandle.ToIntPtr(handle));
        }
        finally
        {
            handle.Free();
        }

        return paths;
    }

    /// <summary>A handle of a library that is loaded already, or 0.</summary>
    public static nint OpenLoaded(string path) => Open(path, RTLD_LAZY | RTLD_NOLOAD);

    /// <summary>Loads a library; 0 when that fails.</summary>
    public static nint Load(string path) => Open(path, RTLD_LAZY);

    /// <summary>A handle for all global symbols of the process.</summary>
    public static nint Global() => Open(null, RTLD_LAZY);

    /// <summary>The address of a symbol, or 0.</summary>
    [LibraryImport("libc", EntryPoint = "dlsym", StringMarshalling = StringMarshalling.Utf8)]
    public static partial nint Symbol(nint handle, string name);

    /// <summary>Closes a handle.</summary>
    [LibraryImport("libc", EntryPoint = "dlclose")]
    public static partial int Close(nint handle);

    /// <summary>The folder of the library that holds an address, or null.</summary>
    public static string? FolderOf(void* address)
    {
        // Dl_info: file name, base, symbol name, symbol address
        void** info = stackalloc void*[4];
        return AddressInfo(address, info) != 0 && Marshal.PtrToStringUTF8((nint)info[0]) is { } file
            ? Path.GetDirectoryName(Path.GetFullPath(file))
            : null;
    }

    [LibraryImport("libc", EntryPoint = "dlopen", StringMarshalling = StringMarshalling.Utf8)]
    private static partial nint Open(string? path, int mode);

    [LibraryImport("libc", EntryPoint = "dladdr")]
    private static partial int AddressInfo(void* address, void** info);

    [LibraryImport("libc", EntryPoint = "dl_iterate_phdr")]
    private static partial int IterateLoaded(delegate* unmanaged[Cdecl]<void**, nuint, void*, int> callback, void* data);

    // struct dl_phdr_info begins with the address and the name.
    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static int Collect(void** info, nuint size, void* data)
    {
        if (Marshal.PtrToStringUTF8((nint)info[1]) is { Length: > 0 } path)
            ((List<string>)GCHandle.FromIntPtr((nint)data).Target!).Add(path);
        return 0;
    }
}
