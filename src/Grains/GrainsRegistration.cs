using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Options;

namespace BulkQA.Grains;

public static class GrainsRegistration
{
    /// <summary>What the grains need beside a fact store, a label table, grain storage and an object store.</summary>
    public static IServiceCollection AddGrains(this IServiceCollection services)
    {
        services.AddOptions<GrainsOptions>().BindConfiguration("BulkQA:Grains").ValidateOnStart();
        services.AddSingleton<IValidateOptions<GrainsOptions>, GrainsOptionsValidator>();
        services.TryAddSingleton(TimeProvider.System);
        services.TryAddSingleton<AnswerRouter>();
        services.AddSingleton<RebuildSlots>();
        services.AddSingleton<HandoverBudget>();
        services.AddSingleton<LocalViews>();
        services.AddSingleton<NotedWorkers>();
        services.TryAddSingleton<LinkedWorkers>();
        services.AddSingleton<EndedInvitations>();
        services.TryAddSingleton<ModelStore>();
        services.TryAddSingleton<JobRules>();
        services.AddSingleton<WorkerExperience>();
        services.AddSingleton<GrainsMetrics>();
        services.TryAddSingleton<TaskListing>();
        services.TryAddSingleton<ManifestExport>();
        services.AddSingleton<IOperationWork, AuditWork>();
        services.AddSingleton<IOperationWork, DeleteWork>();
        services.AddSingleton<LabelTableWork>();
        services.AddSingleton<IOperationWork>(provider => provider.GetRequiredService<LabelTableWork>());
        services.AddSingleton<IOperationWork, RewriteVerdictsWork>();
        services.AddSingleton<IOperationWork, LabelingJobWork>();
        services.AddSingleton<IOperationWork, EstimateWork>();
        services.AddSingleton<IOperationWork, ReestimateWork>();
        services.AddSingleton<IOperationWork, DecideWork>();
        return services.AddAlarms();
    }
}
