using System.Text.Json.Serialization;
using AptHandler.Requests;
using AptHandler.Results;

namespace AptHandler.Records;

/// <summary>The JSON of files and requests. Its code is generated at build time, so no reflection is needed.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    UseStringEnumConverter = true,
    GenerationMode = JsonSourceGenerationMode.Metadata,
    WriteIndented = false
)]
[JsonSerializable(typeof(UpdateRecord))]
[JsonSerializable(typeof(UpdateRequest))]
[JsonSerializable(typeof(UpdateResult))]
[JsonSerializable(typeof(WorkerRequest))]
public sealed partial class CoreJson : JsonSerializerContext;

/// <summary>The JSON of <c>progress.json</c>. It is separate from the rest because the library does not need it.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    UseStringEnumConverter = true,
    GenerationMode = JsonSourceGenerationMode.Metadata
)]
[JsonSerializable(typeof(UpdateProgress))]
internal sealed partial class ProgressJson : JsonSerializerContext;
