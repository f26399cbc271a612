using BulkQA.Api;
using BulkQA.Silo;

StartUp.UseInvariantCulture();
if (HealthCommand.IsAskedFor(args)) return await HealthCommand.RunAsync();
if (KeyCommand.TryRun(args)) return 0;

var builder = WebApplication.CreateBuilder(CommandLine.Options(args));
builder.Configuration.AddCommandLine(CommandLine.Normalise(args), CommandLine.Switches);
builder.AddBackend();
builder.AddHosting();
builder.AddAccess();
builder.Services.AddImport().AddPictures().AddAnswering().AddWorkerPage().AddResultsPages().AddLabeling().AddSample();

var app = builder.Build();
app.UseHosting();
app.UseAccess();
app.MapJobs();
app.MapOperations();
app.MapItems();
app.MapTasks();
app.MapVotes();
app.MapWorkers();
app.MapReliability();
app.MapBoxes();
app.MapGold();
app.MapResults();
app.MapTargets();
app.MapImages();
app.MapAdjudication();
app.MapExport();
app.MapPictures();
app.MapPictureUploads();
app.MapLabeling();
app.MapDeadLetters();
app.MapWorkerPage();
app.MapResultsPages();
app.MapHosting();
return await app.RunUntilStoppedAsync(ListeningAddresses.RefuseBeyondLoopback);
