using System.Net;

namespace BulkQA.Core.Tests;

public sealed class JobAlarmTests
{
    private static readonly DateOnly _first = new(2026, 11, 1);

    [Theory]
    [InlineData(95, 365, null)]
    [InlineData(0.1, 2, null)]
    [InlineData(99.99, 1e6, null)]
    [InlineData(0, 365, "alarm.minCorrectPercent")]
    [InlineData(100, 365, "alarm.minCorrectPercent")]
    [InlineData(double.NaN, 365, "alarm.minCorrectPercent")]
    [InlineData(95, 1, "alarm.falseAlarmDays")]
    [InlineData(95, double.NaN, "alarm.falseAlarmDays")]
    [InlineData(95, 1e7, "alarm.falseAlarmDays")]
    public void Problems_OutsideOfItsRange_NameTheField(double percent, double days, string? field) =>
        Assert.Equal(field is null ? [] : [field], new JobSettings { Alarm = new JobAlarm(percent, days) }.Problems().Select(found => found.Field));

    [Fact]
    public void Problems_SampledJob_HasNone()
    {
        var settings = new JobSettings { Alarm = new JobAlarm(95), Order = TaskOrder.Random(7), Sample = SampleDesign.OfSize(5) };
        Assert.Equal("alarm", Assert.Single(settings.Problems()).Field);
        Assert.Empty((settings with { Alarm = null }).Problems());
    }

    [Fact]
    public void Problems_JobThatAsksFurtherWorkers_HasNone()
    {
        var settings = new JobSettings { Alarm = new JobAlarm(95), Policy = VerdictPolicy.Majority, WorkersPerTask = 3, MaxWorkersPerTask = 5 };
        var (field, problem) = Assert.Single(settings.Problems());
        Assert.Equal("alarm", field);
        Assert.Contains("maxWorkersPerTask", problem, StringComparison.Ordinal);
        Assert.Empty((settings with { Alarm = null }).Problems());
        Assert.Empty((settings with { MaxWorkersPerTask = null }).Problems());
    }

    [Theory]
    [InlineData("95 365")]
    [InlineData("99.123456789012 2.5 https://hooks.example.org/a?b=%2F")]
    public void ToString_ParsesBack(string text)
    {
        Assert.True(JobAlarm.TryParse(text, out var alarm));
        Assert.Equal(text, alarm.ToString());
        Assert.True(JobAlarm.TryParse(alarm.ToString(), out var again));
        Assert.Equal(alarm, again);
    }

    [Theory]
    [InlineData("https://hooks.example.org/services/T0/secret", "https://hooks.example.org/…")]
    [InlineData("https://hooks.example.org/?token=secret", "https://hooks.example.org/…")]
    [InlineData("https://hooks.example.org", "https://hooks.example.org/")]
    [InlineData("https://hooks.example.org:443/a", "https://hooks.example.org/…")]
    [InlineData("http://127.0.0.1:5000/a", "http://127.0.0.1:5000/…")]
    [InlineData("https://HOOKS.example.org/a", "https://hooks.example.org/…")]
    public void Webhook_ThatCanBe_ShowsNoPath(string url, string shown)
    {
        Assert.True(Webhook.TryCreate(url, out var webhook, out _));
        Assert.Equal(shown, webhook.Shown);
        Assert.Equal(shown, $"{webhook}");
        Assert.DoesNotContain("secret", new JobAlarm(95, 365, webhook).Shown, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("", "URL of 1")]
    [InlineData("hooks.example.org", "https://")]
    [InlineData("http://hooks.example.org/a", "https://")]
    [InlineData("ftp://hooks.example.org/a", "https://")]
    [InlineData("file:///etc/passwd", "https://")]
    [InlineData("https://user:secret@hooks.example.org/a", "user name")]
    [InlineData("https://hooks.example.org/a#secret", "fragment")]
    [InlineData("https://hooks.example.org:8443/a", "port 8443")]
    [InlineData("https://hooks.example.org/a secret", "blanks")]
    [InlineData("https://hooks.example.org\\@secret.example.org/", "blanks, backslashes")]
    [InlineData("https://höoks.example.org/", "ASCII")]
    public void Webhook_ThatCannotBe_SaysWhyAndRepeatsNoSecret(string url, string why)
    {
        Assert.False(Webhook.TryCreate(url, out _, out var problem));
        Assert.Contains(why, problem, StringComparison.Ordinal);
        Assert.DoesNotContain("secret", problem, StringComparison.Ordinal);
    }

    [Fact]
    public void Webhook_TooLong_IsRefused() => Assert.False(Webhook.TryCreate($"https://hooks.example.org/{new string('a', Webhook.MaxLength)}", out _, out _));

    [Theory]
    [InlineData("93.184.215.14", true)]
    [InlineData("172.32.0.1", true)]
    [InlineData("2606:4700::1111", true)]
    [InlineData("0.0.0.0", false)]
    [InlineData("10.1.2.3", false)]
    [InlineData("100.64.0.1", false)]
    [InlineData("127.0.0.1", false)]
    [InlineData("127.255.0.1", false)]
    [InlineData("169.254.169.254", false)]
    [InlineData("169.254.170.2", false)]
    [InlineData("172.16.0.1", false)]
    [InlineData("172.31.255.255", false)]
    [InlineData("192.168.1.1", false)]
    [InlineData("198.19.0.1", false)]
    [InlineData("224.0.0.1", false)]
    [InlineData("255.255.255.255", false)]
    [InlineData("::", false)]
    [InlineData("::1", false)]
    [InlineData("::ffff:127.0.0.1", false)]
    [InlineData("::ffff:169.254.169.254", false)]
    [InlineData("::ffff:93.184.215.14", true)]
    [InlineData("::7f00:1", false)]
    [InlineData("64:ff9b::7f00:1", false)]
    [InlineData("2002:7f00:1::", false)]
    [InlineData("2001:0:1::", false)]
    [InlineData("2001:db8::1", false)]
    [InlineData("fc00::1", false)]
    [InlineData("fd00:ec2::254", false)]
    [InlineData("fe80::1", false)]
    [InlineData("fec0::1", false)]
    [InlineData("ff02::1", false)]
    public void PublicAddress_IsNobodysOwn(string address, bool isPublic) => Assert.Equal(isPublic, PublicAddress.Is(IPAddress.Parse(address)));

    [Fact]
    public void AlarmFinding_WithoutDays_IsNothing()
    {
        var finding = AlarmFinding.Of([], new JobAlarm(95));
        Assert.Null(finding.Decline);
        Assert.False(finding.Ends(_first, _first, _first));
    }

    /// <summary>Ten good days, then bad ones; the finding is the detector's.</summary>
    [Fact]
    public void AlarmFinding_OfAFall_HasTheDayThatShowedIt()
    {
        List<KeyValuePair<DateOnly, BucketTally>> days = [.. Enumerable.Range(0, 14).Select(day => KeyValuePair.Create(_first.AddDays(day), new BucketTally(30, day < 10 ? 29 : 20, day < 10 ? 1 : 10, 0)))];
        var finding = AlarmFinding.Of(days, new JobAlarm(95, 365));
        var decline = DeclineDetector.Find(days, 95, 365)!;
        Assert.Equal((decline, _first.AddDays(13), new BucketTally(30, 20, 10, 0)), (finding.Decline, finding.LastDay, finding.Counts));
        Assert.True(decline.RaisedOn >= _first.AddDays(10));
        Assert.False(finding.Ends(_first, _first, _first.AddDays(20)));
    }

    [Theory]
    [InlineData(0, 0, false)]
    [InlineData(1, 0, true)]
    [InlineData(0, 1, true)]
    public void Ends_OnTheDayThatRaisedIt_NotYet(int laterReviews, int laterToday, bool ends)
    {
        var finding = new AlarmFinding(null, _first.AddDays(laterReviews), default);
        Assert.Equal(ends, finding.Ends(_first, _first.AddDays(5), _first.AddDays(5 + laterToday)));
    }
}
