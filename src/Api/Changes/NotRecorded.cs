namespace BulkQA.Api;

/// <summary>Says that the change log does not have what is sent in this property: it is personal, and the log outlives people.</summary>
[AttributeUsage(AttributeTargets.Property)]
internal sealed class NotRecordedAttribute : Attribute;
