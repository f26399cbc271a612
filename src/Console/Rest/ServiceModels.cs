using System.Text.Json;

namespace BulkQA.Web;

public sealed record SiloModel
{
    public string Name { get; init; } = "";
    public string Host { get; init; } = "";
    public string Address { get; init; } = "";
    public string Status { get; init; } = "";
    public DateTimeOffset StartedAt { get; init; }
}

/// <summary>How much waits; null where it may not be asked.</summary>
public sealed record QueueModel
{
    public long? Waiting { get; init; }
    public long? UnderWay { get; init; }
    public long? DeadLetters { get; init; }
    public string? Problem { get; init; }
}

public sealed record ServiceModel
{
    public string Version { get; init; } = "";
    public string Mode { get; init; } = "";
    public DateTimeOffset StartedAt { get; init; }
    public IReadOnlyList<SiloModel> Silos { get; init; } = [];
    public QueueModel? Queue { get; init; }
}

public sealed record KeyModel
{
    public string Name { get; init; } = "";
    public string Role { get; init; } = "";
    public string? Worker { get; init; }
    public IReadOnlyList<string> Jobs { get; init; } = [];
    public IReadOnlyList<string> ImagePrefixes { get; init; } = [];
    public DateTimeOffset? ExpiresAt { get; init; }
    public bool InForce { get; init; }
}

public sealed record KeysModel
{
    public bool Asked { get; init; }
    public bool PeopleSignIn { get; init; }
    public string? Issuer { get; init; }
    public IReadOnlyList<KeyModel> Items { get; init; } = [];
}

public sealed record DeadLetterModel
{
    public string Id { get; init; } = "";
    public string Reason { get; init; } = "";
    public DateTimeOffset At { get; init; }
    public string Body { get; init; } = "";
}

public sealed record DeadLettersModel
{
    public IReadOnlyList<DeadLetterModel> Items { get; init; } = [];
}

public sealed record RedriveModel
{
    public int Redriven { get; init; }
}

public sealed record LabelingJobSummaryModel
{
    public string Name { get; init; } = "";
    public string Arn { get; init; } = "";
    public string Status { get; init; } = "";
}

public sealed record AuditReportModel
{
    public long Images { get; init; }
    public long Differences { get; init; }
    public IReadOnlyList<string> Details { get; init; } = [];
}

/// <summary>Long work on a job.</summary>
public sealed record OperationModel
{
    public string Id { get; init; } = "";
    public string Kind { get; init; } = "";
    public string State { get; init; } = "";
    public DateTimeOffset StartedAt { get; init; }
    public DateTimeOffset? EndedAt { get; init; }
    public long Done { get; init; }
    public long Total { get; init; }
    public string? Problem { get; init; }
    public AuditReportModel? Audit { get; init; }

    public bool HasEnded => EndedAt is not null;
}

public sealed record OperationsModel
{
    public IReadOnlyList<OperationModel> Items { get; init; } = [];
}

/// <summary>That somebody had something changed, or took data out.</summary>
public sealed record ChangeModel
{
    public string Id { get; init; } = "";
    public DateTimeOffset At { get; init; }
    public string By { get; init; } = "";
    public string Via { get; init; } = "";
    public string Action { get; init; } = "";
    public string? Job { get; init; }
    public string Request { get; init; } = "";
    public JsonElement? Change { get; init; }
    public int? Status { get; init; }
}
