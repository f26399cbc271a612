using CsCheck;
using Microsoft.Extensions.Options;

namespace BulkQA.Api.Tests;

public sealed class CommonPasswordsTests
{
    private static readonly string[] _syllables = ["ba", "ko", "mit", "ren", "vol", "zu", "gel", "pra", "nit", "hox", "dul", "fen"];

    [Theory]
    [InlineData("123456789012")]
    [InlineData("1q2w3e4r5t6y")]
    [InlineData("1qaz2wsx3edc")]
    [InlineData("Qwertyuiop123!")]
    [InlineData("qwertyqwerty")]
    [InlineData("Password1234!")]
    [InlineData("iloveyou2024")]
    [InlineData("summer2024summer")]
    [InlineData("abcabcabcabcde")]
    [InlineData("1234567887654321")]
    [InlineData("asdfghjkl;123456")]
    public void Password_OfPiecesThatEverybodyTakes_IsCommon(string password) => Assert.True(new CommonPasswords(Options.Create(new SignInOptions())).Has(password));

    [Theory]
    [InlineData("correct horse battery")]
    [InlineData("winter is not coming yet")]
    [InlineData("my dog ate 2024 apples")]
    [InlineData("der Hund frisst Birnen")]
    [InlineData("犬は梨をたべませんでした昨日")]
    [InlineData("x9$Lq!2vTz#m")]
    public void Password_OfItsOwn_IsNotCommon(string password) => Assert.False(new CommonPasswords(Options.Create(new SignInOptions())).Has(password));

    /// <summary>However long it is: what takes its time would be a way to keep us busy.</summary>
    [Fact]
    public void OwnLength_IsNoMoreThanTheLengthAndGrowsWithWhatIsAdded() => (from syllables in Gen.OneOfConst(_syllables).Array[0, 60]
                                                                             select string.Concat(syllables)).Sample(password =>
  {
      var own = CommonPasswords.OwnLength(password);
      return own <= password.Length && own <= CommonPasswords.OwnLength(password + "#") && CommonPasswords.OwnLength(password + "#") == own + 1;
  }, iter: 300);

    [Fact]
    public void Password_OfTheDeploymentsList_IsCommonInAnyCase()
    {
        using var folder = new TemporaryFolder();
        var file = Path.Combine(folder.Path, "common.txt");
        File.WriteAllLines(file, ["short", "leavemealone", "polniypizdec0211"]);
        var passwords = new CommonPasswords(Options.Create(new SignInOptions { CommonPasswordsFile = file }));
        Assert.True(passwords.Has("LeaveMeAlone"));
        Assert.False(passwords.Has("leavemealone then"));
        var check = new SignInOptionsValidator();
        Assert.True(check.Validate(null, new SignInOptions { CommonPasswordsFile = file }).Succeeded);
        Assert.Contains("CommonPasswordsFile", check.Validate(null, new SignInOptions { CommonPasswordsFile = file + "-none" }).FailureMessage, StringComparison.Ordinal);
    }
}
