using System.Text.Json;
using AptHandler.Logging;
using AptHandler.Manifests;

namespace AptHandler.Authoring.ImportManifests;

/// <summary>
/// Reads an import manifest once, along the tree of <see cref="ImportShape"/>, and reports every value that does not fit.
/// </summary>
internal ref struct ImportManifestReader
{
    private readonly ProblemList _problems;
    private JsonTokens _tokens;
    private bool _isOverfull;

    private ImportManifestReader(JsonText text, ProblemList problems)
    {
        _problems = problems;
        _tokens = new JsonTokens(text.Readable, text.IsWhole, problems);
    }

    /// <summary>Reads an import manifest.</summary>
    /// <param name="text">Its text.</param>
    /// <param name="shape">The shape that it must have.</param>
    /// <param name="problems">Where problems go.</param>
    /// <returns>The import manifest; null if it was not read to its end, or is too large to compare quickly.</returns>
    public static ImportValue? Read(JsonText text, ImportShape shape, ProblemList problems)
    {
        var reader = new ImportManifestReader(text, problems);
        if (text.Readable.IsEmpty || !reader._tokens.Next())
            return null;
        ImportValue manifest = reader.Read(shape, "import manifest", "$");
        bool isWhole = !reader._tokens.IsStopped;

        // Reads one token more, so that text after the last brace is reported.
        reader._tokens.Next();
        return isWhole && !reader._isOverfull ? manifest : null;
    }

    private ImportValue Read(ImportShape shape, string name, string path)
    {
        var value = new ImportValue(name, path, _tokens.Start);
        JsonTokenType type = _tokens.Type == JsonTokenType.False ? JsonTokenType.True : _tokens.Type;
        if (shape.Type == JsonTokenType.String)
        {
            ReadText(value, shape);
        }
        else if (type == shape.Type || shape.Type == JsonTokenType.None)
        {
            if (type == JsonTokenType.Number)
                ReadNumber(value, shape);
            else if (shape.Type == JsonTokenType.StartArray)
                ReadEntries(value, shape);
            else if (shape.Type == JsonTokenType.StartObject)
                ReadMembers(value, shape);
            else
                _tokens.SkipValue();
        }
        else
        {
            _tokens.ReportType(JsonPath.Object(path), $"{Quotation.Of(name)} must be {NameOf(shape.Type)}");
            _tokens.SkipValue();
        }

        return value;
    }

    private void ReadText(ImportValue value, ImportShape shape)
    {
        if (
            _tokens.ReadText(JsonPath.Object(value.Path), Quotation.Of(value.Name)) is not { } text
            || !IsWithin(value, text.Length, shape.Least, shape.Most, "characters")
        )
            return;
        if (shape.Rule?.Invoke(text) is { } objection)
            value.Report(_problems, ImportProblemCodes.InvalidValue, $"{Quotation.Of(value.Name)} {Quotation.Of(text)} {objection}.");
        else
            value.Text = text;
        if (value.Text is not null && shape.Advice?.Invoke(text) is { } advice)
            value.Warn(_problems, ImportProblemCodes.UnusualValue, $"{Quotation.Of(value.Name)} {Quotation.Of(text)} {advice}.");
    }

    private readonly void ReadNumber(ImportValue value, ImportShape shape)
    {
        if (_tokens.WholeNumber() is { } number && number >= shape.Least && number <= shape.Most)
            value.Number = number;
        else if (shape.Type == JsonTokenType.Number)
            value.Report(
                _problems,
                ImportProblemCodes.InvalidValue,
                $"{Quotation.Of(value.Name)} must be a whole number from {shape.Least} to {shape.Most}; correct it."
            );
    }

    private void ReadEntries(ImportValue list, ImportShape shape)
    {
        while (_tokens.Next() && _tokens.Type != JsonTokenType.EndArray)
        {
            string index = $"[{list.Values.Count}]";
            list.Values.Add(Read(shape.Others!, list.Name + index, list.Path + index));
        }

        CheckCount(list, shape);
    }

    private void ReadMembers(ImportValue owner, ImportShape shape)
    {
        JsonPath path = JsonPath.Object(owner.Path);
        SeenMembers seen = default;
        if (shape.Others is not null)
        {
            while (_tokens.NextMember(ref seen, path, out string name, out int start))
            {
                var named = new ImportValue(name, path.Of(name).ToString(), start);
                if (shape.LongestName > 0)
                    IsWithin(named, name.Length, 1, shape.LongestName, "characters in its name");
                int known = shape.Names.IndexOf(name);
                owner.Values.Add(Read(known < 0 ? shape.Others : shape.Members[known], name, named.Path));
            }

            CheckCount(owner, shape);
        }
        else
        {
            while (_tokens.NextMember(shape.Names, ref seen, path, out int member))
                owner.Values.Add(Read(shape.Members[member], shape.Names[member], path.Of(shape.Names[member]).ToString()));
        }

        for (int member = 0; member < shape.Required && !_tokens.IsStopped; member++)
            if (owner[shape.Names[member]] is null)
                owner.ReportMissing(_problems, shape.Names[member]);
    }

    private void CheckCount(ImportValue value, ImportShape shape)
    {
        if (!_tokens.IsStopped && !IsWithin(value, value.Values.Count, shape.Least, shape.Most, "entries"))
            _isOverfull |= value.Values.Count > shape.Most;
    }

    private readonly bool IsWithin(ImportValue value, long number, long least, long most, string what)
    {
        if (number >= least && number <= most)
            return true;
        value.Report(_problems, ImportProblemCodes.WrongCount, $"{Quotation.Of(value.Name)} has {number} {what}; write {least} to {most}.");
        return false;
    }

    private static string NameOf(JsonTokenType type) =>
        type switch
        {
            JsonTokenType.Number => "a whole number",
            JsonTokenType.StartObject => "an object",
            JsonTokenType.StartArray => "an array",
            _ => "true or false without quotation marks",
        };
}
