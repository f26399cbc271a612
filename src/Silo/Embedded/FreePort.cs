using System.Net;
using System.Net.Sockets;

namespace BulkQA.Silo;

internal static class FreePort
{
    /// <summary>
    /// A loopback port that is free now. Orleans wants one even for a cluster of one process, and a fixed one would keep
    /// two data directories from being served side by side.
    /// </summary>
    public static int Take()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}
