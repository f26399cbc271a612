using BulkQA.Silo;

StartUp.UseInvariantCulture();
if (HealthCommand.IsAskedFor(args)) return await HealthCommand.RunAsync();

var builder = WebApplication.CreateBuilder(new WebApplicationOptions { Args = args, ContentRootPath = AppContext.BaseDirectory });
builder.AddClusterSilo();
builder.AddSiloHosting();

var app = builder.Build();
app.MapSiloHosting();
return await app.RunUntilStoppedAsync();
