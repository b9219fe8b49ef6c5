using System.Globalization;
using AptHandler.Files;

namespace AptHandler.Apt;

/// <summary>
/// The versions that the sources of a machine have, with the priorities that its preferences give them. They are listed newest first, as by
/// <c>apt-cache policy</c>.
/// </summary>
public sealed class RepositoryVersions
{
    private const string Candidate = "  Candidate: ";
    private const string Ending = " Packages";

    private readonly Dictionary<string, List<OfferedVersion>> _offers = new(StringComparer.Ordinal);
    private readonly Dictionary<string, string> _candidates = new(StringComparer.Ordinal);

    /// <summary>Reads the blocks of packages: the name, the installed version, the candidate, the table of versions and sources.</summary>
    public static RepositoryVersions Parse(string text)
    {
        var repository = new RepositoryVersions();
        string package = "";
        OfferedVersion? offer = null;
        foreach (string line in Pieces.LinesOf(text))
        {
            if (line.Length > 1 && line[0] != ' ')
            {
                package = line[^1] == ':' ? line[..^1] : "";
                offer = null;
            }
            else if (package.Length > 0 && line.StartsWith(Candidate, StringComparison.Ordinal))
            {
                repository._candidates[package] = line[Candidate.Length..];
            }
            else if (package.Length > 0 && line.Length > 5 && line[4] == ' ' && line[5] != ' ')
            {
                // "     1.0 500", and " *** 1.0 500" for the installed one; apt adds words where only some machines get the version
                string[] words = line[5..].Split(' ');
                offer = words is [var version, var number, ..] && TryParse(number, out int rank) ? new OfferedVersion(version, rank) : null;
            }
            else if (
                offer is not null
                && line.Trim().Split(' ', 2) is [var first, [not '/', ..] where]
                && TryParse(first, out int priority)
            )
            {
                // "        500 https://one.example stable/main amd64 Packages"; dpkg's own status is not a source
                if (offer.Sources.Count == 0)
                    repository.Add(package, offer);
                offer.Add(new VersionSource(where.EndsWith(Ending, StringComparison.Ordinal) ? where[..^Ending.Length] : where, priority));
            }
        }

        return repository;

        static bool TryParse(string number, out int priority) =>
            int.TryParse(number, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out priority);
    }

    /// <summary>The versions of a package in the repository's spelling, newest first; empty for an unknown one.</summary>
    /// <param name="name">The name, with an architecture if the query had one.</param>
    public IReadOnlyList<string> this[string name]
    {
        get
        {
            var versions = new List<string>();
            foreach (OfferedVersion offer in Offers(name))
            {
                if (!versions.Contains(offer.Version))
                    versions.Add(offer.Version);
            }

            return versions;
        }
    }

    /// <summary>
    /// The same versions with their sources. A version is listed twice where sources have different packages of that name and version. apt
    /// takes the first.
    /// </summary>
    public IReadOnlyList<OfferedVersion> Offers(string name) => _offers.GetValueOrDefault(name) ?? [];

    /// <summary>
    /// The versions of a package that preferences do not refuse from any source, newest first. Where nobody asks for a certain version,
    /// only these may be chosen.
    /// </summary>
    public IReadOnlyList<string> NotRefused(string name) =>
        [.. this[name].Where(version => !Offers(name).Any(offer => offer.Version == version && offer.IsRefused))];

    /// <summary>The version that apt would choose by itself; null where there is none.</summary>
    public string? CandidateOf(string name) => _candidates.GetValueOrDefault(name) is { } version and not "(none)" ? version : null;

    private void Add(string package, OfferedVersion offer)
    {
        if (!_offers.TryGetValue(package, out List<OfferedVersion>? all))
            _offers.Add(package, all = []);
        all.Add(offer);
    }
}
