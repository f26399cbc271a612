using BulkQA.Web.Layout;
using Microsoft.AspNetCore.Components;
using MudBlazor;

namespace BulkQA.Web.Settings;

/// <summary>Changes a part of a job's settings; what it shows is what was so when it was opened.</summary>
public abstract class ChangeDialog : ComponentBase
{
    [Inject]
    private RestClient Rest { get; set; } = null!;

    [Inject]
    private ISnackbar Snackbar { get; set; } = null!;

    protected Confirmation? Ask { get; set; }

    protected JobModel Job { get; private set; } = new();

    public void Open(JobModel job)
    {
        Job = job;
        Read(job);
        Ask!.Open();
        StateHasChanged();
    }

    /// <summary>Puts what is so into the fields.</summary>
    protected abstract void Read(JobModel job);

    /// <exception cref="RestException">REST refuses it.</exception>
    protected async Task PatchAsync(object change)
    {
        await Rest.SendAsync(HttpMethod.Patch, Links.Rest(Job.Name), change);
        Snackbar.Add("Changed.", Severity.Success);
    }
}
