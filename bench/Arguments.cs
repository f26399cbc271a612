using System.Globalization;

namespace BulkQA.Bench;

internal static class Arguments
{
    public static int Number(string[] args, int index, int otherwise) =>
        args.Length <= index ? otherwise : int.Parse(args[index], NumberStyles.Integer | NumberStyles.AllowThousands, CultureInfo.InvariantCulture);

    public static int Refuse()
    {
        Console.Error.WriteLine("usage: dotnet run -c Release --project bench -- ingest|cluster|growth|reads|jobs|reach|scale-out|statistics|decisions|redundancy|workforce|people|consoles|reliability [size] [folder of crowd-kit, for reliability]");
        return 2;
    }
}
