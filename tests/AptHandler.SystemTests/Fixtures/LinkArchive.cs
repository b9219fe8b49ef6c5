using System.Globalization;
using System.IO.Compression;
using System.Text;

namespace AptHandler.SystemTests.Fixtures;

/// <summary>
/// A package of very many symbolic links: small as a .deb, and large to whoever reads what it ships. Written by hand, because dpkg-deb
/// takes minutes.
/// </summary>
public static class LinkArchive
{
    private const int BlockLength = 512;
    private const int LinksInFolder = 1000;
    private const int LongestPlainName = 100;

    /// <summary>Replaces what a package ships.</summary>
    /// <param name="deb">The package; it is built already.</param>
    /// <param name="count">How many links.</param>
    /// <param name="nameLength">How many characters the name of each has.</param>
    public static void Fill(string deb, int count, int nameLength)
    {
        var control = new MemoryStream();
        using (var folder = new TemporaryFolder("control"))
        {
            var tar = Path.Combine(folder, "tar");
            Command.Run("sh", ["-ec", "dpkg-deb --ctrl-tarfile \"$0\" >\"$1\"", deb, tar]).Succeeded("read a package");
            control.Write(File.ReadAllBytes(tar));
        }

        var content = new MemoryStream();
        using (var compressed = new GZipStream(content, CompressionLevel.Fastest, leaveOpen: true))
        using (var buffered = new BufferedStream(compressed, 1 << 20))
            WriteLinks(buffered, count, nameLength);

        using var file = File.Create(deb);
        file.Write("!<arch>\n"u8);
        AddMember(file, "debian-binary", new MemoryStream("2.0\n"u8.ToArray()));
        AddMember(file, "control.tar", control);
        AddMember(file, "data.tar.gz", content);
    }

    private static void WriteLinks(Stream tar, int count, int nameLength)
    {
        AddEntry(tar, "./", '5');
        AddEntry(tar, "./links/", '5');
        for (var i = 0; i < count; i++)
        {
            var folder = $"./links/{i / LinksInFolder:d4}/";
            if (i % LinksInFolder == 0)
                AddEntry(tar, folder, '5');
            AddEntry(tar, folder + (i % LinksInFolder).ToString(CultureInfo.InvariantCulture).PadLeft(nameLength, 'x'), '2', "target");
        }

        tar.Write(new byte[2 * BlockLength]);
    }

    private static void AddEntry(Stream tar, string name, char kind, string target = "")
    {
        if (name.Length > LongestPlainName)
        {
            var bytes = new byte[(name.Length / BlockLength + 1) * BlockLength];
            Encoding.ASCII.GetBytes(name, bytes);
            tar.Write(Header("././@LongLink", 'L', "", name.Length + 1));
            tar.Write(bytes);
            name = name[..LongestPlainName];
        }

        tar.Write(Header(name, kind, target, 0));
    }

    // tar(5)
    private static byte[] Header(string name, char kind, string target, int size)
    {
        const int Sum = 148;
        var header = new byte[BlockLength];
        Put(0, name);
        Put(100, "0000755\0" + "0000000\0" + "0000000\0");
        Put(124, $"{Convert.ToString(size, 8).PadLeft(11, '0')}\0" + "00000000000\0");
        Put(Sum, "        ");
        Put(156, kind + target);
        Put(257, "ustar  \0");
        Put(Sum, $"{Convert.ToString(header.Sum(each => each), 8).PadLeft(6, '0')}\0 ");
        return header;

        void Put(int at, string text) => Encoding.ASCII.GetBytes(text, header.AsSpan(at));
    }

    // ar(5): a member begins at an even place.
    private static void AddMember(FileStream file, string name, MemoryStream content)
    {
        var header = $"{name, -16}{0, -12}{0, -6}{0, -6}{"100644", -8}{content.Length, -10}`\n";
        file.Write(Encoding.ASCII.GetBytes(header));
        content.WriteTo(file);
        if (content.Length % 2 != 0)
            file.WriteByte((byte)'\n');
    }
}
