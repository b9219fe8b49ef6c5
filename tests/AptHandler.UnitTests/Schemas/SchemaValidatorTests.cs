namespace AptHandler.UnitTests.Schemas;

public sealed class SchemaValidatorTests : IDisposable
{
    private const string Dialect2020 = "https://json-schema.org/draft/2020-12/schema";
    private const string Draft7 = "http://json-schema.org/draft-07/schema#";

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData(Dialect2020)]
    [InlineData(Draft7)]
    public void Each_file_has_its_own_verdict_with_the_place_of_all_that_is_wrong(string dialect)
    {
        string schema = Schema(
            dialect,
            """ "required": ["c"], "properties": { "a": { "format": "date-time" }, "b": { "maxLength": 1 } }, "if": { "required": ["a"] }, "then": { "minProperties": 3 } """
        );
        string valid = _folder.Write("valid", """{"a":"2026-11-21T06:30:00Z","b":"😀","c":0}""");
        string invalid = _folder.Write("invalid", """{"a":"yesterday","b":"xx"}""");
        string cutOff = _folder.Write("cut-off", """{"a":""");

        IReadOnlyList<SchemaVerdict> verdicts = SchemaValidator.Judge(schema, [invalid, valid, cutOff]);

        verdicts
            .Select(verdict => (verdict.File, verdict.Judgement))
            .Should()
            .Equal((invalid, SchemaJudgement.Invalid), (valid, SchemaJudgement.Valid), (cutOff, SchemaJudgement.Unreadable));
        verdicts[0]
            .Messages.Should()
            .HaveCount(4)
            .And.ContainMatch("/a *date-time*")
            .And.ContainMatch("/b * 1 *")
            .And.ContainMatch("/c *required*")
            .And.ContainMatch("/ *3*");
        verdicts[1].Messages.Should().BeEmpty();
        verdicts[2].Messages.Should().ContainSingle();
    }

    [Fact]
    public void A_keyword_of_which_2020_12_knows_and_draft_7_does_not_is_judged_by() =>
        Judgement(Schema(Dialect2020, """ "dependentRequired": { "a": ["b"] } """), """{"a":1}""").Should().Be(SchemaJudgement.Invalid);

    [Fact]
    public void A_byte_order_mark_is_no_fault_and_bytes_that_are_not_UTF_8_are()
    {
        string schema = Schema(Dialect2020, """ "type": "object" """);

        Judgement(schema, "\uFEFF{}").Should().Be(SchemaJudgement.Valid);
        File.WriteAllBytes(_folder["latin-1"], [.. "{\"a\":\""u8, 0xE9, .. "\"}"u8]);
        SchemaValidator.Judge(schema, [_folder["latin-1"]]).Single().Judgement.Should().Be(SchemaJudgement.Unreadable);
    }

    [Theory]
    [InlineData(""" "patern": "^a$" """, "patern")]
    [InlineData(""" "pattern": "^(" """, "regular expression")]
    [InlineData(""" "properties": { "a": { "format": "colour" } } """, "colour")]
    public void A_schema_that_is_wrong_judges_nothing(string members, string fault)
    {
        Action judge = () => Judgement(Schema(Dialect2020, members), "{}");

        judge.Should().Throw<InvalidOperationException>().WithMessage($"cannot judge by*{fault}*");
    }

    private string Schema(string dialect, string members) => _folder.Write("schema", $$"""{ "$schema": "{{dialect}}", {{members}} }""");

    private SchemaJudgement Judgement(string schema, string instance) =>
        SchemaValidator.Judge(schema, [_folder.Write("instance", instance)]).Single().Judgement;
}
