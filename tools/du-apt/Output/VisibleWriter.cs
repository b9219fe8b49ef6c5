using System.Text;
using AptHandler.Logging;

namespace AptHandler.CommandLine.Output;

/// <summary>Escapes what the parser of the command line writes, because its messages repeat the words that it was given.</summary>
/// <param name="writer">Where the text goes.</param>
internal sealed class VisibleWriter(TextWriter writer) : TextWriter
{
    /// <inheritdoc/>
    public override Encoding Encoding => writer.Encoding;

    /// <inheritdoc/>
    public override void Write(char value) => Write(value.ToString());

    /// <inheritdoc/>
    public override void Write(char[] buffer, int index, int count) => Write(new string(buffer, index, count));

    /// <inheritdoc/>
    public override void Write(string? value) => writer.Write(ForeignText.Passage(value ?? ""));

    /// <inheritdoc/>
    public override void Flush() => writer.Flush();
}
