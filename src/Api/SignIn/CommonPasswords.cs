using System.Collections.Frozen;
using Microsoft.Extensions.Options;

namespace BulkQA.Api;

/// <summary>
/// Passwords that are tried first: those of the deployment's own list (<see cref="SignInOptions.CommonPasswordsFile"/>), and those that consist of what
/// such lists are full of, words that everybody takes, keys that lie side by side, and repetitions, with little else.
/// </summary>
internal sealed class CommonPasswords(IOptions<SignInOptions> options)
{
    /// <summary>What of a password nobody would try first has at least this many characters, each common piece counted as one.</summary>
    private const int MinOwn = 7;

    private const int MinPiece = 3;

    private static readonly string[] _words =
    [
        "password", "passwort", "passw0rd", "p4ssword", "p@ssw0rd", "passwd", "letmein", "welcome", "willkommen", "iloveyou", "administrator", "admin", "login", "master", "monkey", "dragon",
        "football", "baseball", "superman", "batman", "sunshine", "princess", "shadow", "michael", "jordan", "jennifer", "hunter", "trustno1", "whatever", "freedom", "computer", "internet",
        "secret", "changeme", "default", "starwars", "pokemon", "minecraft", "liverpool", "chelsea", "arsenal", "hello", "hallo", "summer", "winter", "spring", "autumn", "sommer", "love",
        "test", "user", "guest", "root", "google", "facebook", "samsung", "motherfucker", "fuck", "asshole", "system", "server", "company", "office", "monday", "charlie", "jessica", "ashley",
        "daniel", "thomas", "andrew", "george", "william", "mustang", "harley", "ranger", "access", "flower", "cookie", "cheese", "banana", "orange", "soccer", "hockey", "yankees",
        "spiderman", "pepper", "ginger", "tigger", "nothing", "matrix", "phoenix",
    ];

    /// <summary>What fingers walk along, in one direction.</summary>
    private static readonly string[] _walks =
    [
        "01234567890", "112233445566778899", "010203040506070809", "102030405060708090", "147258369", "abcdefghijklmnopqrstuvwxyz", "qwertyuiop", "qwertzuiop", "azertyuiop", "asdfghjkl",
        "zxcvbnm", "yxcvbnm", "1qaz2wsx3edc4rfv5tgb6yhn7ujm", "qazwsxedcrfvtgbyhnujm", "1q2w3e4r5t6y7u8i9o0p", "q1w2e3r4t5y6u7i8o9p0", "1qazxsw23edcvfr4", "1qa2ws3ed4rf5tg", "qweasdzxc",
        "qazxswedc", "zaq1xsw2cde3vfr4",
    ];

    private static readonly string[] _bothWays = [.. _walks, .. _walks.Select(Reverse)];

    private readonly Lazy<FrozenSet<string>> _listed = new(() => Read(options.Value.CommonPasswordsFile));

    public bool Has(string password) => _listed.Value.Contains(password) || OwnLength(password.ToLowerInvariant()) < MinOwn;

    /// <summary>How much of a password, in lower case, nobody would try first.</summary>
    internal static int OwnLength(string password)
    {
        var own = 0;
        for (var at = 0; at < password.Length; own++) at += Math.Max(1, PieceAt(password, at));
        return own;
    }

    /// <returns>The length of the longest common piece that begins there; 0 for none.</returns>
    private static int PieceAt(string password, int at)
    {
        var rest = password.AsSpan(at);
        var longest = 0;
        foreach (var word in _words)
            if (word.Length > longest && rest.StartsWith(word, StringComparison.Ordinal)) longest = word.Length;
        var (before, mirrored) = (password[..at], Reverse(password[..at]));
        for (var length = Math.Max(MinPiece, longest + 1); length <= rest.Length; length++)
        {
            var piece = password.Substring(at, length);
            if (!Array.Exists(_bothWays, walk => walk.Contains(piece, StringComparison.Ordinal)) && !before.Contains(piece, StringComparison.Ordinal) && !mirrored.Contains(piece, StringComparison.Ordinal)
                && piece.AsSpan().ContainsAnyExcept(piece[0])) break;
            longest = length;
        }
        // A year, as so many end with.
        return longest < 4 && rest.Length >= 4 && rest[..2] is "19" or "20" && !rest[..4].ContainsAnyExceptInRange('0', '9') ? 4 : longest;
    }

    private static string Reverse(string text) => new([.. text.Reverse()]);

    private static FrozenSet<string> Read(string? file) => file is null ? [] : File.ReadLines(file).Where(line => line.Length is >= PasswordRule.MinLength and <= PasswordRule.MaxLength).ToFrozenSet(StringComparer.OrdinalIgnoreCase);
}
