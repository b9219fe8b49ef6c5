using System.Text;
using AptHandler.Logging;

namespace AptHandler.CommandLine.Output;

/// <summary>Where the parser of the command line writes: it puts the words that it was given into its messages.</summary>
/// <param name="writer">Where all of it goes.</param>
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
