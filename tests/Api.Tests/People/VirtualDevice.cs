using Microsoft.Playwright;

namespace BulkQA.Api.Tests;

/// <summary>A device that keeps passkeys and asks for a finger, of Chromium's own.</summary>
internal sealed class VirtualDevice
{
    private readonly ICDPSession _devTools;
    private readonly string _id;

    private VirtualDevice(ICDPSession devTools, string id) => (_devTools, _id) = (devTools, id);

    /// <param name="page">Whose browser has it.</param>
    /// <param name="knowsTheFinger">Whether it is the owner's finger; otherwise what it is asked for is refused.</param>
    /// <param name="transport">How it is reached: one device at most is within the machine (<c>internal</c>), others come by <c>usb</c>.</param>
    public static async Task<VirtualDevice> AddAsync(IPage page, bool knowsTheFinger = true, string transport = "internal")
    {
        var devTools = await page.Context.NewCDPSessionAsync(page);
        await devTools.SendAsync("WebAuthn.enable");
        var added = await devTools.SendAsync("WebAuthn.addVirtualAuthenticator", new Dictionary<string, object>
        {
            ["options"] = new Dictionary<string, object>
            {
                ["protocol"] = "ctap2",
                ["transport"] = transport,
                ["hasResidentKey"] = true,
                ["hasUserVerification"] = true,
                ["isUserVerified"] = knowsTheFinger,
                ["automaticPresenceSimulation"] = true,
            },
        });
        return new VirtualDevice(devTools, added!.Value.GetProperty("authenticatorId").GetString()!);
    }

    /// <summary>From now on it is the owner's finger.</summary>
    public Task KnowTheFingerAsync() => _devTools.SendAsync("WebAuthn.setUserVerified", new Dictionary<string, object> { ["authenticatorId"] = _id, ["isUserVerified"] = true });

    /// <returns>How many passkeys it keeps.</returns>
    public async Task<int> CountAsync() =>
        (await _devTools.SendAsync("WebAuthn.getCredentials", new Dictionary<string, object> { ["authenticatorId"] = _id }))!.Value.GetProperty("credentials").GetArrayLength();
}
