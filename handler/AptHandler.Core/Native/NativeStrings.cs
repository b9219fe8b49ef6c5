using System.Runtime.InteropServices;

namespace AptHandler.Native;

/// <summary>Arrays of strings as execve(2) takes them: UTF-8, with a null pointer behind the last one.</summary>
internal static unsafe class NativeStrings
{
    internal static byte** Copy(IReadOnlyList<string> strings)
    {
        var array = (byte**)NativeMemory.Alloc((nuint)(strings.Count + 1), (nuint)sizeof(byte*));
        for (int i = 0; i < strings.Count; i++)
            array[i] = (byte*)Marshal.StringToCoTaskMemUTF8(strings[i]);
        array[strings.Count] = null;
        return array;
    }

    internal static void Free(byte** array)
    {
        for (byte** each = array; *each != null; each++)
            Marshal.FreeCoTaskMem((nint)(*each));
        NativeMemory.Free(array);
    }
}
