using System.Xml.Linq;
using Microsoft.AspNetCore.DataProtection.Repositories;

namespace Teahouse.Storage;

/// <summary>The keys that sign and encrypt cookies, in the database: what one node has signed, every node knows.</summary>
internal sealed class DatabaseKeyRing(Db db, TimeProvider clock) : IXmlRepository
{
    private const string List = """
        SELECT xml
        FROM data_protection_keys
        ORDER BY name
        LIMIT 10000
        """;

    private const string Insert = """
        INSERT INTO data_protection_keys (name, xml, created_at)
        VALUES (@name, @xml, @at)
        ON CONFLICT (name) DO NOTHING
        """;

    // The interface knows no asynchronous form. It is asked once at the start and once a day, and the database's own work needs no thread of the caller's.
    public IReadOnlyCollection<XElement> GetAllElements() =>
        [.. Wait(db.QueryAsync<string>(List, null, CancellationToken.None)).Select(xml => XElement.Parse(xml))];

    public void StoreElement(XElement element, string friendlyName)
    {
        var row = new { name = friendlyName, xml = element.ToString(SaveOptions.DisableFormatting), at = clock.GetUtcNow() };
        Wait(db.WriteAsync(session => session.ExecuteAsync(Insert, row), CancellationToken.None));
    }

    private static T Wait<T>(Task<T> task) => Task.Run(() => task).GetAwaiter().GetResult();
}
