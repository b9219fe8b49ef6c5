using AptHandler.Fuzzing.Engine;

namespace AptHandler.Fuzzing.Targets;

/// <summary>All targets.</summary>
internal static class AllTargets
{
    /// <summary>Makes them.</summary>
    /// <param name="scratch">Where files are written.</param>
    public static IReadOnlyList<FuzzTarget> Make(ScratchFolder scratch)
    {
        var manifest = new ManifestTargets(scratch);
        var configuration = new ConfigurationTargets(scratch);
        var database = new DatabaseTargets(scratch);
        var record = new RecordTargets(scratch);
        string[] manifests = ["manifest-schema/examples", "tests/corpus/invalid", "tests/corpus/warned"];
        return
        [
            new("manifest", ManifestTargets.Manifest) { Words = Words.Manifest, SeedFolders = manifests },
            new("lint", manifest.Lint) { Words = Words.Manifest, SeedFolders = manifests },
            new("import-manifest", ManifestTargets.ImportManifest) { Words = Words.ImportManifest },
            new("configuration", ConfigurationTargets.Configuration) { Words = Words.Configuration },
            new("apt-options", configuration.AptOptions) { Words = Words.AptOptions },
            new("worker", ConfigurationTargets.Worker) { Words = Words.Worker },
            new("registration", ConfigurationTargets.Registration) { Words = Words.Registration },
            new("versions", DebianTargets.Versions) { Words = Words.Version },
            new("names", DebianTargets.Names) { Words = Words.Name },
            new("sources", DebianTargets.Sources) { Words = Words.Source },
            new("status", database.Status) { Words = Words.Stanza },
            new("stanzas", database.Stanzas) { Words = Words.Stanza },
            new("release", DatabaseTargets.Release) { Words = Words.Stanza },
            new("plan", AptTargets.Plan) { Words = Words.AptOutput },
            new("failure", AptTargets.Failure) { Words = Words.Failure },
            new("progress", AptTargets.Progress) { Words = Words.AptOutput },
            new("source-lists", AptTargets.SourceLists) { Words = Words.AptOutput },
            new("tar", TarTargets.Tar) { Words = Words.Tar, Repair = TarTargets.WithChecksums },
            new("records", record.Records) { Words = Words.Record },
            new("backup", record.Backup) { Words = Words.Backup },
            new("installed-criteria", record.InstalledCriteria) { Words = Words.Criteria },
            new("operator-text", TextTargets.OperatorText) { Words = Words.Text },
            new("quotation", TextTargets.Quotation) { Words = Words.Text },
            new("foreign-text", TextTargets.ForeignText) { Words = Words.Text },
        ];
    }
}
