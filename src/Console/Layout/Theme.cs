using Microsoft.JSInterop;
using MudBlazor;

namespace BulkQA.Web;

/// <summary>The console's colours: those that the system asks for, until somebody chooses others, which this browser keeps.</summary>
public sealed class Theme(IJSRuntime script)
{
    private const string Key = "bulkqa.dark";

    // Each text colour has at least 4.5 : 1 on each ground that it is put on (WCAG 2.2, 1.4.3).
    public MudTheme Mud { get; } = new()
    {
        PaletteLight = new PaletteLight
        {
            Primary = "#0b5cad",
            Secondary = "#5b4b8a",
            Background = "#f6f8fa",
            Surface = "#ffffff",
            AppbarBackground = "#ffffff",
            AppbarText = "#1d2530",
            DrawerBackground = "#ffffff",
            DrawerText = "#1d2530",
            DrawerIcon = "#4a5866",
            TextPrimary = "#1d2530",
            TextSecondary = "#4a5866",
            LinesDefault = "#d8dee6",
            Success = "#1f6f34",
            Warning = "#8a5300",
            Error = "#a3291b",
            Info = "#0b5cad",
            TextDisabled = "#5c6b7a",
            ActionDefault = "#4a5866",
        },
        PaletteDark = new PaletteDark
        {
            Primary = "#7cbaf8",
            PrimaryContrastText = "#0c1722",
            Secondary = "#b8a8ea",
            SecondaryContrastText = "#0c1722",
            Background = "#12171d",
            Surface = "#1b222a",
            AppbarBackground = "#1b222a",
            AppbarText = "#e4e9ef",
            DrawerBackground = "#1b222a",
            DrawerText = "#e4e9ef",
            DrawerIcon = "#9fadbb",
            TextPrimary = "#e4e9ef",
            TextSecondary = "#b0bcc8",
            LinesDefault = "#36414d",
            Success = "#7fcf92",
            SuccessContrastText = "#0c1722",
            Warning = "#f0b45e",
            WarningContrastText = "#0c1722",
            Error = "#f0a095",
            ErrorContrastText = "#0c1722",
            Info = "#7cbaf8",
            InfoContrastText = "#0c1722",
            TextDisabled = "#9fadbb",
            ActionDefault = "#9fadbb",
        },
        Typography = new Typography { Default = new DefaultTypography { FontFamily = ["system-ui", "sans-serif"], FontSize = ".9375rem" }, Button = new ButtonTypography { TextTransform = "none" } },
    };

    public bool IsDark { get; private set; }

    /// <summary>Whether the colours are set; before, nobody has asked the browser.</summary>
    public bool IsKnown { get; private set; }

    public event Action? Changed;

    public async Task BeginAsync(MudThemeProvider provider)
    {
        var chosen = await script.InvokeAsync<string?>("localStorage.getItem", Key);
        IsDark = chosen is null ? await provider.GetSystemDarkModeAsync() : chosen == "1";
        IsKnown = true;
        Changed?.Invoke();
    }

    public async Task TurnAsync()
    {
        IsDark = !IsDark;
        Changed?.Invoke();
        await script.InvokeVoidAsync("localStorage.setItem", Key, IsDark ? "1" : "0");
    }
}
