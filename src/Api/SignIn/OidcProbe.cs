using Microsoft.AspNetCore.Authentication.OpenIdConnect;
using Microsoft.Extensions.Options;
using Microsoft.IdentityModel.Protocols.OpenIdConnect;

namespace BulkQA.Api;

/// <summary>
/// Whether the identity provider answers, before a browser is sent there: what is known of it from before would lead to a
/// page of the browser's that says nothing. Asked once in some seconds, however many want to sign in.
/// </summary>
internal sealed class OidcProbe(IOptionsMonitor<OpenIdConnectOptions> options, TimeProvider time) : IDisposable
{
    private static readonly TimeSpan _holds = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan _timeout = TimeSpan.FromSeconds(5);

    private readonly SemaphoreSlim _one = new(1);
    private long? _askedAt;
    private bool _answers;

    public async Task<bool> AnswersAsync(CancellationToken cancellation)
    {
        await _one.WaitAsync(cancellation);
        try
        {
            if (_askedAt is { } at && time.GetElapsedTime(at) < _holds) return _answers;
            _answers = await AskAsync(cancellation);
            _askedAt = time.GetTimestamp();
            return _answers;
        }
        finally
        {
            _one.Release();
        }
    }

    /// <summary>What is known of the provider; null while it can't be asked.</summary>
    public async Task<OpenIdConnectConfiguration?> FindConfigurationAsync(CancellationToken cancellation)
    {
        try
        {
            return await Options.ConfigurationManager!.GetConfigurationAsync(cancellation);
        }
        catch (Exception e) when (!cancellation.IsCancellationRequested && OidcFailures.IsOutOfReach(e))
        {
            return null;
        }
    }

    public void Dispose() => _one.Dispose();

    private OpenIdConnectOptions Options => options.Get(OidcRegistration.Scheme);

    private async Task<bool> AskAsync(CancellationToken cancellation)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        limit.CancelAfter(_timeout);
        try
        {
            using var response = await Options.Backchannel.GetAsync(Options.MetadataAddress, HttpCompletionOption.ResponseHeadersRead, limit.Token);
            return response.IsSuccessStatusCode;
        }
        catch (Exception e) when (!cancellation.IsCancellationRequested && OidcFailures.IsOutOfReach(e))
        {
            return false;
        }
    }
}
