using System.Text.Json;
using AptHandler.Logging;

namespace AptHandler.Manifests;

/// <summary>The tokens of a JSON file, mostly a manifest. Wraps the JSON reader and turns its exceptions into problems.</summary>
internal ref struct JsonTokens
{
    // A manifest has three levels. Only unknown members can be deeper, and their depth must have a limit.
    private const int MaximumDepth = 64;

    private readonly ReadOnlySpan<byte> _text;
    private readonly ProblemList _problems;
    private Utf8JsonReader _reader;

    /// <param name="text">The text, without a byte-order mark; valid UTF-8.</param>
    /// <param name="isWhole">False where bytes that cannot be read follow in the file.</param>
    /// <param name="problems">Gets the faults.</param>
    public JsonTokens(ReadOnlySpan<byte> text, bool isWhole, ProblemList problems)
    {
        _text = text;
        _problems = problems;
        _reader = new Utf8JsonReader(text, isWhole, new JsonReaderState(new JsonReaderOptions { MaxDepth = MaximumDepth }));
    }

    /// <summary>Whether reading cannot go on: at the end, after a fault, or after too many errors.</summary>
    public bool IsStopped { get; private set; }

    /// <summary>The current token.</summary>
    public readonly JsonTokenType Type => _reader.TokenType;

    /// <summary>The offset of the current token's first byte.</summary>
    public readonly int Start => (int)_reader.TokenStartIndex;

    /// <summary>Steps to the next token.</summary>
    /// <returns>False when there is none.</returns>
    public bool Next()
    {
        if (IsStopped || _problems.IsFull)
        {
            IsStopped = true;
            return false;
        }

        JsonTokenType last = _reader.TokenType;
        int end = (int)_reader.BytesConsumed;
        int depth = _reader.CurrentDepth + (last is JsonTokenType.StartObject or JsonTokenType.StartArray ? 1 : 0);
        try
        {
            IsStopped = !_reader.Read();
        }
        catch (JsonException)
        {
            SyntaxFault fault = SyntaxFault.Explain(_text, end, last, depth, MaximumDepth);
            _problems.Error(fault.Code, JsonPath.Root, fault.Offset, fault.Message);
            IsStopped = true;
        }

        return !IsStopped;
    }

    /// <summary>Moves to the last token of the current value, however deep the value is.</summary>
    public void SkipValue()
    {
        if (Type is not (JsonTokenType.StartObject or JsonTokenType.StartArray))
            return;

        int depth = _reader.CurrentDepth;
        while (Next() && _reader.CurrentDepth > depth) { }
    }

    /// <summary>
    /// Moves to the value of the next known member of an object. An unknown member, and a second one of the same name, is reported and
    /// skipped with its whole value.
    /// </summary>
    /// <param name="known">The members of the object.</param>
    /// <param name="seen">The members read so far.</param>
    /// <param name="owner">The object.</param>
    /// <param name="member">The index of the member.</param>
    /// <returns>False at the end of the object, or where reading stops.</returns>
    public bool NextMember(MemberNames known, ref SeenMembers seen, JsonPath owner, out int member)
    {
        member = -1;
        while (Next() && Type == JsonTokenType.PropertyName)
        {
            int start = Start;
            bool isText = TryIdentify(known, owner, out member, out string? unknown);
            bool isFirst = isText && (unknown is null ? seen.Add(member) : seen.Add(unknown));
            if (isText && !isFirst)
                ReportDuplicate(owner.Of(unknown ?? known[member]), start);
            else if (isText && unknown is not null)
                ReportUnknown(known, unknown, owner, start);

            if (!Next())
                return false;
            if (isFirst && unknown is null)
                return true;
            SkipValue();
        }

        return false;
    }

    /// <summary>
    /// Moves to the value of the next member of an object whose members may have any names. A second one of the same name is reported and
    /// skipped with its whole value.
    /// </summary>
    /// <param name="seen">The members read so far.</param>
    /// <param name="owner">The object.</param>
    /// <param name="name">The name of the member.</param>
    /// <param name="start">The offset of the name.</param>
    /// <returns>False at the end of the object, or where reading stops.</returns>
    public bool NextMember(ref SeenMembers seen, JsonPath owner, out string name, out int start)
    {
        (name, start) = ("", 0);
        while (Next() && Type == JsonTokenType.PropertyName)
        {
            start = Start;
            bool isText = TryIdentify(MemberNames.None, owner, out _, out string? free);
            bool isFirst = isText && seen.Add(name = free!);
            if (isText && !isFirst)
                ReportDuplicate(owner.Of(name), start);

            if (!Next())
                return false;
            if (isFirst)
                return true;
            SkipValue();
        }

        return false;
    }

    /// <summary>Reads the current value as a string. Any other value is reported and skipped.</summary>
    /// <param name="path">The member.</param>
    /// <param name="whatItIs">The member in words, for the start of a sentence, such as <c>The version of the manifest</c>.</param>
    /// <returns>The text; null when there is none.</returns>
    public string? ReadText(JsonPath path, string whatItIs)
    {
        if (Type != JsonTokenType.String)
        {
            // The most common mistake: a version such as 1.0 without its quotation marks.
            string remedy = Type == JsonTokenType.Number ? $"; write it in quotation marks: {Quotation.Of(_reader.ValueSpan)}" : "";
            ReportType(path, $"{whatItIs} must be a string", remedy);
            SkipValue();
            return null;
        }

        try
        {
            return _reader.GetString();
        }
        catch (InvalidOperationException)
        {
            _problems.Error(
                ManifestProblemCodes.InvalidText,
                path,
                Start,
                $"{whatItIs} holds half of a surrogate pair, which is no character; correct its \\u escapes."
            );
            return null;
        }
    }

    /// <summary>The current value as a whole number; null where it is something else.</summary>
    public readonly long? WholeNumber() => Type == JsonTokenType.Number && _reader.TryGetInt64(out long number) ? number : null;

    /// <summary>Reports that the current value has the wrong type, and what to write instead.</summary>
    /// <param name="path">The value.</param>
    /// <param name="rule">The rule that it breaks, as the start of a sentence.</param>
    /// <param name="remedy">The rest of the message, from the semicolon on.</param>
    public readonly void ReportType(JsonPath path, string rule, string remedy = "")
    {
        string found = Type switch
        {
            JsonTokenType.String => "a string",
            JsonTokenType.Number => "a number",
            JsonTokenType.True or JsonTokenType.False => "a boolean",
            JsonTokenType.Null => "null",
            JsonTokenType.StartObject => "an object",
            _ => "an array",
        };
        _problems.Error(ManifestProblemCodes.WrongType, path, Start, $"{rule}, but this is {found}{remedy}.");
    }

    private readonly bool TryIdentify(MemberNames known, JsonPath owner, out int member, out string? unknown)
    {
        try
        {
            member = known.IndexOf(in _reader);
            unknown = member < 0 ? _reader.GetString() : null;
            return true;
        }
        catch (InvalidOperationException)
        {
            _problems.Error(
                ManifestProblemCodes.InvalidText,
                owner,
                Start,
                "The name of a member holds half of a surrogate pair, which is no character; correct its \\u escapes."
            );
            (member, unknown) = (-1, null);
            return false;
        }
    }

    private readonly void ReportDuplicate(JsonPath path, int offset) =>
        _problems.Error(
            ManifestProblemCodes.DuplicateMember,
            path,
            offset,
            $"The member {Quotation.Of(path.Member)} stands in this object already; keep one of them."
        );

    private readonly void ReportUnknown(MemberNames known, string unknown, JsonPath owner, int offset)
    {
        if (known.CodeOfUnknown is null && !_problems.ListsWarnings)
            return;
        string remedy = known.Nearest(unknown) is string nearest ? $"did you mean \"{nearest}\"?" : "remove it, or correct its name.";
        if (known.CodeOfUnknown is { } code)
            _problems.Error(code, owner.Of(unknown), offset, $"The member {Quotation.Of(unknown)} is unknown; {remedy}");
        else
            _problems.Warning(
                ManifestProblemCodes.UnknownMember,
                owner.Of(unknown),
                offset,
                $"The member {Quotation.Of(unknown)} is unknown and has no effect; {remedy}"
            );
    }
}
