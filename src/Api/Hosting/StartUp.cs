using BulkQA.Storage;
using Microsoft.Extensions.Options;

namespace BulkQA.Api;

/// <summary>The service can't start as it is configured; the message says what to change.</summary>
internal sealed class StartRefusedException(string message) : Exception(message);

internal static class StartUp
{
    /// <summary>
    /// Runs until stopped. What keeps the service from starting (an open address, wrong settings, a data folder in use)
    /// is said in a sentence and an exit code of 1, not in a stack trace.
    /// </summary>
    public static async Task<int> RunUntilStoppedAsync(this WebApplication app)
    {
        await using (app)
        {
            try
            {
                ListeningAddresses.RefuseBeyondLoopback(app.Configuration);
                app.Services.GetRequiredService<IStartupValidator>().Validate();
                _ = app.Services.GetRequiredService<SqliteDatabase>();
            }
            catch (Exception e) when (e is StartRefusedException or OptionsValidationException or AggregateException or StorageException
                or IOException or UnauthorizedAccessException or InvalidOperationException)
            {
                foreach (var problem in (e as AggregateException)?.InnerExceptions ?? (IEnumerable<Exception>)[e])
                    await Console.Error.WriteLineAsync($"BulkQA can't start: {problem.Message}");
                return 1;
            }
            await app.RunAsync();
            return 0;
        }
    }
}
