using QRCoder;

namespace BulkQA.Web;

internal static class QrCode
{
    private const int PixelsAModule = 8;

    /// <summary>A text as the address of a picture.</summary>
    public static string Of(string text)
    {
        using var data = QRCodeGenerator.GenerateQrCode(text, QRCodeGenerator.ECCLevel.M);
        using var code = new PngByteQRCode(data);
        return $"data:image/png;base64,{Convert.ToBase64String(code.GetGraphic(PixelsAModule))}";
    }
}
