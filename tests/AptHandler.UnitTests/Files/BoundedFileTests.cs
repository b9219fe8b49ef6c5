using System.Text;
using AptHandler.Files;

namespace AptHandler.UnitTests.Files;

public sealed class BoundedFileTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(99_999)]
    [InlineData(100_000)]
    public void A_file_up_to_the_bound_is_read_whole(int size)
    {
        byte[] content = Bytes(size);
        File.WriteAllBytes(_folder["file"], content);

        BoundedFile.Read(_folder["file"], 100_000).Should().Equal(content);
    }

    [Fact]
    public void A_file_of_one_byte_more_than_the_bound_is_refused()
    {
        File.WriteAllBytes(_folder["file"], Bytes(100_001));

        Action reading = () => BoundedFile.Read(_folder["file"], 100_000);
        reading.Should().Throw<IOException>().WithMessage($"cannot read {_folder["file"]}: it is larger than 100,000 bytes");
    }

    [Fact]
    public void A_missing_file_is_told_apart_from_other_failures()
    {
        Action reading = () => BoundedFile.Read(_folder["none"], 10);
        reading.Should().Throw<FileNotFoundException>().WithMessage($"cannot open {_folder["none"]}: No such file or directory");
    }

    [Fact]
    public void A_folder_is_refused()
    {
        Action reading = () => BoundedFile.Read(_folder.Path, 10);
        reading.Should().Throw<IOException>().WithMessage("*it is not a regular file");
    }

    [Fact]
    public void A_device_is_refused_though_it_would_give_bytes_for_ever()
    {
        Action reading = () => BoundedFile.Read("/dev/zero", 10);
        reading.Should().Throw<IOException>().WithMessage("*it is not a regular file");
    }

    [Fact]
    public async Task A_named_pipe_is_refused_without_waiting_for_a_writer()
    {
        Posix.MakeFifo(_folder["pipe"]);

        Func<Task> reading = () => Task.Run(() => BoundedFile.Read(_folder["pipe"], 10)).WaitAsync(RealProgram.Patience);
        await reading.Should().ThrowAsync<IOException>().WithMessage("*it is not a regular file");
    }

    [Fact]
    public void A_link_is_refused_and_the_message_says_so()
    {
        File.CreateSymbolicLink(_folder["link"], _folder.Write("target", "secret"));

        Action reading = () => BoundedFile.Read(_folder["link"], 10);
        reading.Should().Throw<IOException>().WithMessage("*symbolic link, which is not followed here");
    }

    [Fact]
    public void A_link_is_followed_on_request()
    {
        File.CreateSymbolicLink(_folder["link"], _folder.Write("target", "content"));

        BoundedFile.Read(_folder["link"], 10, followLinks: true).Should().Equal("content"u8.ToArray());
    }

    // Files in /proc say that they are empty, and then have content: what a file looks like that grows after it was opened.
    [Fact]
    public void A_file_that_is_longer_than_it_was_at_opening_is_read_to_its_end()
    {
        string text = Encoding.ASCII.GetString(BoundedFile.Read("/proc/self/status", 1 << 20));

        text.Should().StartWith("Name:").And.Contain("voluntary_ctxt_switches").And.EndWith("\n");
    }

    [Fact]
    public void A_file_that_grows_over_the_bound_is_refused()
    {
        Action reading = () => BoundedFile.Read("/proc/self/status", 100);
        reading.Should().Throw<IOException>().WithMessage("*larger than 100 bytes");
    }

    public void Dispose() => _folder.Dispose();

    private static byte[] Bytes(int count)
    {
        var bytes = new byte[count];
        for (int i = 0; i < count; i++)
            bytes[i] = (byte)(i % 251);
        return bytes;
    }
}
