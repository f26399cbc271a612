using BulkQA.Web.People;

namespace BulkQA.Web.Tests;

public sealed class PeopleWordsTests
{
    /// <summary>The console asks within the process, under a name that no browser reaches.</summary>
    [Fact]
    public void Link_MadeWithinTheProcess_LeadsWhereTheBrowserIs() =>
        Assert.Equal("https://qa.example.org/invitation#secret", PeopleWords.LinkOf("http://localhost/invitation#secret", "https://qa.example.org/"));

    [Fact]
    public void Running_OfAJob_IsForItsOperatorsAndTheLeadsOfItsTeams()
    {
        var job = new JobModel { Name = "March", Assignment = new() { Teams = ["dogs"] } };
        Assert.True(May(new() { Role = "lead", Team = "Dogs" }));
        Assert.True(May(new() { Role = "operator", Job = "march" }));
        Assert.False(May(new() { Role = "lead", Team = "cats" }));
        Assert.False(May(new() { Role = "operator", Job = "april" }));
        Assert.False(May(new() { Role = "worker", Team = "dogs" }));
        Assert.True(new CallerModel { Roles = ["operator"] }.MayRun(job));

        bool May(GrantSettingsModel grant) => new CallerModel { Roles = ["lead"], Grants = [grant] }.MayRun(job);
    }
}
