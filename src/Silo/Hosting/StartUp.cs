using System.Globalization;
using BulkQA.Storage;
using Microsoft.Extensions.Options;

namespace BulkQA.Silo;

/// <summary>The process can't start as it is configured; the message says what to change.</summary>
public sealed class StartRefusedException(string message) : Exception(message);

public static class StartUp
{
    /// <summary>Numbers, dates and comparisons are the same wherever the process runs.</summary>
    public static void UseInvariantCulture() =>
        (CultureInfo.DefaultThreadCurrentCulture, CultureInfo.CurrentCulture) = (CultureInfo.InvariantCulture, CultureInfo.InvariantCulture);

    /// <summary>
    /// Runs until stopped. What keeps the process from starting (wrong settings, an open address, storage that can't be
    /// used) is said in a sentence and an exit code of 1, not in a stack trace.
    /// </summary>
    /// <param name="app">What to run.</param>
    /// <param name="check">Throws <see cref="StartRefusedException"/> where the process must not start.</param>
    public static async Task<int> RunUntilStoppedAsync(this WebApplication app, Action<IConfiguration>? check = null)
    {
        await using (app)
        {
            try
            {
                check?.Invoke(app.Configuration);
                app.Services.GetRequiredService<IStartupValidator>().Validate();
                foreach (var storage in app.Services.GetServices<StorageStart>()) await storage.OpenAsync();
            }
            catch (Exception e) when (e is StartRefusedException or OptionsValidationException or AggregateException or StorageException
                or IOException or UnauthorizedAccessException or InvalidOperationException || AwsFailures.IsKnown(e))
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
