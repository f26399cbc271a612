using System.Xml;
using System.Xml.Linq;
using BulkQA.Core;
using BulkQA.Storage;
using Microsoft.AspNetCore.DataProtection.Repositories;
using Microsoft.Extensions.Options;

namespace BulkQA.Api;

/// <summary>
/// The key ring in the object store, an object a key, so that every process of the API has the same. Below
/// <see cref="Folder"/>, which <see cref="ImageBases"/> lets no job show.
/// </summary>
internal sealed class ObjectXmlRepository(IObjectStore store, IOptions<ObjectOptions> objects) : IXmlRepository
{
    /// <summary>What the objects of the key ring lie below.</summary>
    public const string Folder = "keys";

    private const string Suffix = ".xml";

    /// <summary>A key has some 1,500; more is none of ours.</summary>
    private const int MaxElementBytes = 64 * 1024;

    private volatile IReadOnlySet<string>? _read;

    /// <summary>Where they lie; ends with a slash.</summary>
    public ObjectUri Root => new(objects.Value.Bucket, $"{Folder}/");

    // Data protection asks once at the start and about once a day, and waits.
    public IReadOnlyCollection<XElement> GetAllElements() => ReadAsync().GetAwaiter().GetResult();

    public void StoreElement(XElement element, string friendlyName)
    {
        var name = friendlyName.Length > 0 && friendlyName.All(character => char.IsAsciiLetterOrDigit(character) || character == '-') ? friendlyName : $"{Guid.NewGuid():N}";
        using var content = new MemoryStream();
        element.Save(content);
        store.WriteAsync(new ObjectUri(objects.Value.Bucket, $"{Folder}/{name}{Suffix}"), content.ToArray()).GetAwaiter().GetResult();
    }

    /// <exception cref="StorageException">The store can't be read, or what is there is no key.</exception>
    public async Task<IReadOnlyCollection<XElement>> ReadAsync(CancellationToken cancellation = default)
    {
        var names = await ListAsync(cancellation);
        var elements = new List<XElement>(names.Count);
        foreach (var name in names)
        {
            if (await ReadAsync(new ObjectUri(objects.Value.Bucket, name), cancellation) is not { } element) continue;
            // Whoever may write here and does not know the secret could make sessions of a key that is open.
            if (element.Name == "key" && !KeyRingSecrets.SealedIn(element).Any()) throw new StorageException($"{Root}{name[(Folder.Length + 1)..]} is a key that is not sealed, which this service does not write; delete it");
            elements.Add(element);
        }
        _read = names;
        return elements;
    }

    /// <summary>Whether there are keys or revocations that were not there when the ring was read, or the other way round.</summary>
    public async Task<bool> HasChangedAsync(CancellationToken cancellation) => _read is { } read && !read.SetEquals(await ListAsync(cancellation));

    private async Task<IReadOnlySet<string>> ListAsync(CancellationToken cancellation)
    {
        var names = new SortedSet<string>(StringComparer.Ordinal);
        await foreach (var uri in store.ListAsync(Root, cancellation))
            if (uri.Key.EndsWith(Suffix, StringComparison.Ordinal)) names.Add(uri.Key);
        return names;
    }

    private async Task<XElement?> ReadAsync(ObjectUri uri, CancellationToken cancellation)
    {
        await using var content = await store.OpenReadAsync(uri, cancellation);
        if (content is null) return null;
        try
        {
            using var reader = XmlReader.Create(content, new XmlReaderSettings { Async = true, DtdProcessing = DtdProcessing.Prohibit, MaxCharactersInDocument = MaxElementBytes });
            return await XElement.LoadAsync(reader, LoadOptions.None, cancellation);
        }
        catch (XmlException e)
        {
            throw new StorageException($"{uri} is not a key of the key ring ({e.Message}); delete it", e);
        }
    }
}
