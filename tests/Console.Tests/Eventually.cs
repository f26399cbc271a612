namespace BulkQA.Web.Tests;

/// <summary>Waits for a state.</summary>
internal static class Eventually
{
    private static readonly TimeSpan _limit = TimeSpan.FromSeconds(20);

    /// <param name="holds">What is waited for.</param>
    /// <param name="between">What is done before each further look, such as to let a test's clock go on.</param>
    public static async Task HoldsAsync(Func<bool> holds, Action? between = null)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        limit.CancelAfter(_limit);
        while (!holds())
        {
            between?.Invoke();
            await Task.Delay(TimeSpan.FromMilliseconds(5), limit.Token);
        }
    }
}
