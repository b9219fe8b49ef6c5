using System.Collections.Concurrent;
using AptHandler.SystemTests.Fixtures;

namespace AptHandler.SystemTests.Rollback.WayBack;

/// <summary>The devices of a class's rows as they are before the update: each is made once, and every ending has a copy.</summary>
public sealed class PreparedRows : IDisposable
{
    private readonly ConcurrentDictionary<string, Lazy<PreparedRow>> _rows = new(StringComparer.Ordinal);

    public void Dispose()
    {
        foreach (var row in _rows.Values.Where(row => row.IsValueCreated))
            row.Value.Dispose();
    }

    internal PreparedRow Of(string name, Row row) => _rows.GetOrAdd(name, _ => new Lazy<PreparedRow>(() => new PreparedRow(row))).Value;
}

/// <summary>The repository and the device of a row.</summary>
internal sealed class PreparedRow : IDisposable
{
    /// <summary>A package that comes after all others. What its scripts do is in <see cref="EndingFile"/>.</summary>
    public const string Last = "last";

    /// <summary>Below the root of the device.</summary>
    public const string EndingFile = "tmp/ending";

    private readonly Repository _repository = new(isSigned: false);

    public PreparedRow(Row row)
    {
        var old = row.Old.Select(package => package.Identity).ToHashSet();
        Package[] later = [.. row.New.Where(package => old.Contains(package.Identity))];
        Publish([Bystander, .. row.Old, .. row.New.Except(later), LastOf(row.Update)]);
        Root = PrivateRoot.Create(_repository);
        // Every Debian has it.
        Directory.CreateDirectory(Root.At("etc/alternatives"));
        DeviceShell.Run(Root, row.First);
        Root.AptGet("-q", "update");
        Root.AptGet(["-q", "-y", "install", Bystander.Word, .. row.Old.Select(package => package.Word)]);
        DeviceShell.Run(Root, row.Prepared);
        if (later.Length == 0)
            return;
        Publish(later);
        Root.AptGet("-q", "update");
    }

    public PrivateRoot Root { get; }

    // No part of any update: it stays as it is.
    private static Package Bystander =>
        new("bystander") { Parts.File("/usr/share/bystander/file", "here"), Parts.Conffile("/etc/bystander.conf", "here") };

    public void Dispose()
    {
        Root.Dispose();
        _repository.Dispose();
    }

    // What it depends on comes before it.
    private static Package LastOf(IEnumerable<string> update)
    {
        var coming =
            from word in update
            where !word.EndsWith('-') && !word.Contains(':', StringComparison.Ordinal)
            select word.Split('=')[0];
        return new(Last)
        {
            Parts.Field($"Depends: {string.Join(", ", coming.Prepend(Bystander.Name))}"),
            Parts.Preinst($"! grep -q {Ending.PreinstFails} $DPKG_ROOT/{EndingFile} || exit 7"),
            Parts.Postinst(
                $"""
                ! grep -q {Ending.PostinstFails} $DPKG_ROOT/{EndingFile} || exit 7
                {Updates.Wait.ForTheTest}
                """
            ),
        };
    }

    private void Publish(IEnumerable<Package> packages)
    {
        foreach (var package in packages)
            _repository.Add(package.Words);
        _repository.Index();
    }
}
