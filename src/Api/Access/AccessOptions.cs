using BulkQA.Core;
using BulkQA.Storage;
using Microsoft.Extensions.Options;

namespace BulkQA.Api;

/// <summary>
/// Who may do what. Bound from <c>BulkQA:Access</c>. With neither keys nor an issuer of tokens there is no
/// authentication: then only this machine may connect, and may do everything.
/// </summary>
public sealed class AccessOptions
{
    public const string Section = "BulkQA:Access";

    /// <summary>API keys. Several may be in force for the same caller, so that one replaces the other without a gap.</summary>
    public IList<ApiKey> Keys { get; } = [];

    /// <summary>
    /// The same as a JSON array in one text, as a secret store hands it to a process:
    /// <c>[{"name":"console","hash":"…","role":"viewer"}]</c>.
    /// </summary>
    public string? KeysJson { get; set; }

    /// <summary>The issuer of bearer tokens (OIDC, Cognito included): its base address. None (the default): no tokens.</summary>
    public string? Issuer { get; set; }

    /// <summary>The audience that tokens must be for. Required with <see cref="Issuer"/>.</summary>
    public string? Audience { get; set; }

    /// <summary>The claim that names roles. Default <c>roles</c>; Cognito's groups are in <c>cognito:groups</c>.</summary>
    public string RoleClaim { get; set; } = "roles";

    /// <summary>The claim that names jobs a token is confined to. Default <c>bulkqa_jobs</c>; a token without it may use every job.</summary>
    public string JobsClaim { get; set; } = "bulkqa_jobs";

    /// <summary>
    /// Where images of jobs may lie: prefixes such as <c>s3://pictures/2026/</c>, each with the slash at the end. None (the
    /// default): anywhere. Also as one text, several separated by comma, semicolon or space, each with its <c>s3://</c>.
    /// </summary>
    public IList<string> ImagePrefixes { get; } = [];

    /// <summary>
    /// The claim that names prefixes a token's jobs must have their images below, separated by comma or space. Default
    /// <c>bulkqa_image_prefixes</c>. A token without it that is confined to jobs may use each job's own folder below the
    /// default base; one that is not confined, all that <see cref="ImagePrefixes"/> leaves.
    /// </summary>
    public string ImagePrefixesClaim { get; set; } = "bulkqa_image_prefixes";

    /// <summary>
    /// The load balancers and proxies that say whom a request comes from (<c>X-Forwarded-For</c>, <c>X-Forwarded-Proto</c>):
    /// addresses (<c>10.0.0.7</c>) or networks (<c>10.0.0.0/24</c>). None (the default): those headers are not read. Also
    /// as one text, separated by comma, semicolon or space. Not applied without authentication.
    /// </summary>
    public IList<string> TrustedProxies { get; } = [];

    /// <summary>
    /// Requests that one caller may make in a second; more get 429. From 1 to 100,000; default 500. Not applied without
    /// authentication, nor to <c>/health</c>.
    /// </summary>
    public int RequestsPerSecond { get; set; } = 500;

    public bool HasIssuer => !string.IsNullOrEmpty(Issuer);

    /// <summary>Whether callers have to say who they are.</summary>
    public bool IsEnabled => Keys.Count > 0 || HasIssuer;
}

/// <summary>An API key, known by its hash only.</summary>
public sealed class ApiKey
{
    /// <summary>Who has it; shown in logs.</summary>
    public string Name { get; set; } = "";

    /// <summary>The SHA-256 of the key, in hexadecimal, as <c>--new-key</c> prints it.</summary>
    public string Hash { get; set; } = "";

    /// <summary><c>viewer</c>, <c>adjudicator</c>, <c>worker</c> or <c>operator</c>.</summary>
    public string Role { get; set; } = "";

    /// <summary>The id under which a worker's answers are kept. Required for a worker, not allowed otherwise.</summary>
    public string? Worker { get; set; }

    /// <summary>The jobs it is confined to; none: every job.</summary>
    public IList<string> Jobs { get; init; } = [];

    /// <summary>
    /// What the images of jobs that it creates must lie below: prefixes such as <c>s3://pictures/dogs/</c>. None: for a key
    /// confined to jobs, each job's own folder below the default base; for another, all that the deployment allows.
    /// </summary>
    public IList<string> ImagePrefixes { get; init; } = [];

    /// <summary>Until when it is taken; none: for ever.</summary>
    public DateTimeOffset? ExpiresAt { get; set; }
}

internal sealed class AccessOptionsValidator : IValidateOptions<AccessOptions>
{
    public ValidateOptionsResult Validate(string? name, AccessOptions options)
    {
        var check = new SettingsCheck(AccessOptions.Section);
        foreach (var (index, key) in options.Keys.Index()) Check(check, $"Keys:{index} ('{key.Name}')", key);
        check.Require(options.Keys.Select(key => key.Hash).Distinct(StringComparer.OrdinalIgnoreCase).Count() == options.Keys.Count, "Keys: two have the same hash");
        if (options.HasIssuer)
        {
            // Whoever can change what an issuer says on the way can let anybody in.
            check.Require(
                Uri.TryCreate(options.Issuer, UriKind.Absolute, out var issuer) && (issuer.Scheme == Uri.UriSchemeHttps || issuer.IsLoopback),
                $"Issuer '{options.Issuer}' is not an https address");
            check.Require(!string.IsNullOrEmpty(options.Audience), "Audience is empty; give the audience that tokens are for, or any token of the issuer would be taken");
        }
        check.Require(options.RoleClaim.Length > 0, "RoleClaim is empty");
        check.Require(options.JobsClaim.Length > 0, "JobsClaim is empty");
        check.Require(options.ImagePrefixesClaim.Length > 0, "ImagePrefixesClaim is empty");
        CheckPrefixes(check, "", options.ImagePrefixes);
        foreach (var proxy in options.TrustedProxies)
        {
            var isNetwork = ForwardedAddresses.TryParse(proxy, out var network);
            check.Require(isNetwork, $"TrustedProxies: '{proxy}' is neither an IP address nor a network such as 10.0.0.0/24");
            check.Require(!isNetwork || network.PrefixLength > 0, $"TrustedProxies: '{proxy}' is everybody, and everybody would be believed; give the proxies' addresses");
        }
        check.Require(options.RequestsPerSecond is >= 1 and <= 100_000, $"RequestsPerSecond is {options.RequestsPerSecond}; give 1 to 100,000");
        return check.Result;
    }

    private static void Check(SettingsCheck check, string where, ApiKey key)
    {
        check.Require(key.Name.Length > 0, $"{where}: Name is empty; say who has it");
        check.Require(key.Hash.Length == 64 && key.Hash.All(char.IsAsciiHexDigit), $"{where}: Hash is not a SHA-256 in hexadecimal; --new-key makes a key and its hash");
        check.Require(Role.IsKnown(key.Role), $"{where}: Role '{key.Role}' is none of {Role.Viewer}, {Role.Adjudicator}, {Role.Worker}, {Role.Operator}");
        var isWorker = key.Role == Role.Worker;
        check.Require(isWorker == key.Worker is not null, $"{where}: Worker {(isWorker ? "is missing; give the id that the answers are kept under" : $"is only for role {Role.Worker}")}");
        if (key.Worker is not null) check.Require(WorkerId.TryCreate(key.Worker, out _, out var problem), $"{where}: Worker: {problem}");
        foreach (var job in key.Jobs) check.Require(JobName.TryCreate(job, out _, out _), $"{where}: Jobs: '{job}' is no job's name");
        CheckPrefixes(check, $"{where}: ", key.ImagePrefixes);
    }

    private static void CheckPrefixes(SettingsCheck check, string where, IEnumerable<string> prefixes)
    {
        foreach (var prefix in prefixes) check.Require(ImageBases.IsCanonical(prefix, out _), $"{where}ImagePrefixes: '{prefix}' is not {ImageBases.Form}");
    }
}
