using Microsoft.Extensions.Options;
using Orleans.Configuration;

namespace BulkQA.Silo;

/// <summary>What every silo has, embedded or in a cluster.</summary>
internal static class SiloDefaults
{
    public static readonly TimeSpan ResponseTimeout = TimeSpan.FromMinutes(2);

    /// <summary>Calls waiting for one activation; beyond it callers are told to come again.</summary>
    private const int MaxWaitingCalls = 10_000;

    public static void AddBulkQaDefaults(this ISiloBuilder silo)
    {
        silo.Services.Configure<SiloMessagingOptions>(options =>
        {
            options.ResponseTimeout = ResponseTimeout;
            options.MaxEnqueuedRequestsHardLimit = MaxWaitingCalls;
        });
        silo.Services.AddHostedService<UnfinishedJobs>();
        silo.Services.AddOptions<ChangeLogOptions>().BindConfiguration(ChangeLogOptions.Section).ValidateOnStart();
        silo.Services.AddSingleton<IValidateOptions<ChangeLogOptions>, ChangeLogOptionsValidator>();
        silo.Services.AddHostedService<ChangeLogRetention>();
        silo.Services.AddHostedService<InvitationRetention>();
    }
}
