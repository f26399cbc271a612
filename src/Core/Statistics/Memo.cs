namespace BulkQA.Core;

/// <summary>
/// Values of a pure function that were asked for lately. Tables are asked for again and again while few of their counters move. Bounded: a key has one
/// place, which it takes from the key that was there. For any number of threads at once, without a lock: at worst a value is computed twice.
/// </summary>
/// <param name="function">The same value for the same key, always.</param>
/// <param name="places">How many values are kept at most; a power of two.</param>
internal sealed class Memo<TKey, TValue>(Func<TKey, TValue> function, int places)
    where TKey : struct, IEquatable<TKey>
{
    private readonly Entry?[] _entries = new Entry?[places];

    public TValue this[TKey key]
    {
        get
        {
            ref var place = ref _entries[key.GetHashCode() & (_entries.Length - 1)];
            // An entry never changes, so that whoever sees it sees all of it.
            if (Volatile.Read(ref place) is { } known && known.Key.Equals(key)) return known.Value;
            var value = function(key);
            Volatile.Write(ref place, new Entry(key, value));
            return value;
        }
    }

    private sealed class Entry(TKey key, TValue value)
    {
        public TKey Key => key;

        public TValue Value => value;
    }
}
