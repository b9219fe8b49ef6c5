namespace AptHandler.Authoring.Repositories;

/// <summary>Collects what a verification of a store finds, and knows what to do about damage.</summary>
internal sealed class StoreFindings
{
    /// <summary>What to do about a damaged snapshot.</summary>
    public const string Remedy =
        "create the same once more with another --id and promote that, or drop the snapshot and create it again: what is damaged "
        + "is replaced";
    private const string ChannelRemedy = $"promote the snapshot that it stands at there once more; where that does not help, {Remedy}";

    private readonly List<StoreFinding> _all = [];

    /// <summary>All findings, in the order in which they were made.</summary>
    public IReadOnlyList<StoreFinding> All => _all;

    /// <summary>Whether every place could be read. Nobody knows which files a place names that cannot be read.</summary>
    public bool IsAllNamed { get; private set; } = true;

    /// <summary>What to do about a damaged file of a snapshot or a channel.</summary>
    public static string RemedyOf(string place) => place.StartsWith("channels/", StringComparison.Ordinal) ? ChannelRemedy : Remedy;

    /// <summary>Adds a finding.</summary>
    public void Add(string place, string problem) => _all.Add(new StoreFinding(place, problem));

    /// <summary>Adds findings.</summary>
    public void Add(IEnumerable<StoreFinding> findings) => _all.AddRange(findings);

    /// <summary>Adds a finding about a place that cannot be read.</summary>
    public void AddUnnamed(string place, string problem)
    {
        IsAllNamed = false;
        Add(place, problem);
    }

    /// <summary>Checks a place. When it cannot be read, that is a finding, and the other places are still checked.</summary>
    /// <param name="place">The place.</param>
    /// <param name="check">Checks it.</param>
    /// <param name="isThere">Whether the place exists. For one that does not, the exception is thrown to the caller.</param>
    /// <exception cref="InputException">There is no such place.</exception>
    public void Try(string place, Action check, bool isThere)
    {
        try
        {
            check();
        }
        catch (InputException e) when (isThere)
        {
            AddUnnamed(place, e.Message);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            AddUnnamed(place, $"{e.Message}; {RemedyOf(place)}");
        }
    }
}
