using System.Text;

namespace AptHandler.Apt;

/// <summary>
/// The options of a configuration file in the format of apt.conf(5): <c>A::B "value";</c>, <c>A { B "value"; };</c> and lists,
/// <c>A { "value"; "value"; };</c>.
/// </summary>
internal sealed class AptOptions
{
    // The options that we read have far shorter names. The name of each scope contains the names of all scopes around it. Without a limit,
    // a file of a megabyte of braces would take the memory of the machine.
    private const int LongestScope = 200;

    // Stands for a scope with a longer name. No option in it is read.
    private const string TooLong = "\0::";

    private readonly Dictionary<string, string> _values = new(StringComparer.OrdinalIgnoreCase);
    private readonly List<ListItem> _items = [];

    /// <summary>Reads the options. What is not understood is left out, because apt itself checks the file.</summary>
    public static AptOptions Parse(string text)
    {
        var options = new AptOptions();
        options.Add(text);
        return options;
    }

    /// <summary>Reads the options of another file, which override the earlier ones.</summary>
    public void Add(string text)
    {
        var scopes = new Stack<string>([""]);
        var words = new List<string>();
        foreach (string token in Tokens(text))
        {
            switch (token)
            {
                case "{":
                    scopes.Push(words.Count > 0 ? ScopeOf(scopes.Peek(), words[0]) : scopes.Peek());
                    words.Clear();
                    break;
                case "}":
                    if (scopes.Count > 1)
                        scopes.Pop();
                    words.Clear();
                    break;
                case ";":
                    if (words.Count == 2)
                        _values[scopes.Peek() + words[0]] = words[1];
                    else if (words.Count == 1)
                        _items.Add(new ListItem(scopes.Peek(), words[0]));
                    words.Clear();
                    break;
                default:
                    words.Add(token);
                    break;
            }
        }
    }

    /// <summary>The value of an option, or null.</summary>
    public string? Find(string name) => _values.GetValueOrDefault(name);

    /// <summary>The items of a list, in their order.</summary>
    public IReadOnlyList<string> FindAll(string name) =>
        [.. _items.Where(item => item.List.Equals(name + "::", StringComparison.OrdinalIgnoreCase)).Select(item => item.Value)];

    /// <summary>
    /// An absolute path by apt's rule: a relative value is below the folder of the enclosing option. The outermost folder is <c>Dir</c>.
    /// </summary>
    /// <param name="fallback">The value when the option is not set.</param>
    /// <param name="name">The option.</param>
    /// <param name="parent">The folder of the enclosing option; null for <c>Dir</c>.</param>
    public string FindPath(string fallback, string name, string? parent = null) =>
        Path.Combine(parent ?? Find("Dir") ?? "/", Find(name) ?? fallback);

    private static string ScopeOf(string outer, string name) => outer.Length + name.Length <= LongestScope ? $"{outer}{name}::" : TooLong;

    private sealed record ListItem(string List, string Value);

    private static IEnumerable<string> Tokens(string text)
    {
        var word = new StringBuilder();
        for (int i = 0; i < text.Length; i++)
        {
            char c = text[i];
            if (c == '#' || (c == '/' && At(i + 1) == '/'))
            {
                i = EndOf("\n", i);
            }
            else if (c == '/' && At(i + 1) == '*')
            {
                i = EndOf("*/", i + 2) + 1;
            }
            else if (c is '{' or '}' or ';')
            {
                if (word.Length > 0)
                    yield return word.ToString();
                word.Clear();
                yield return c.ToString();
            }
            else if (c == '"')
            {
                int end = EndOf("\"", i + 1);
                yield return text[(i + 1)..end];
                i = end;
            }
            else if (!char.IsWhiteSpace(c))
            {
                word.Append(c);
            }
            else if (word.Length > 0)
            {
                yield return word.ToString();
                word.Clear();
            }
        }

        char At(int i) => i < text.Length ? text[i] : '\0';

        int EndOf(string mark, int from)
        {
            int end = from < text.Length ? text.IndexOf(mark, from, StringComparison.Ordinal) : -1;
            return end < 0 ? text.Length : end;
        }
    }
}
