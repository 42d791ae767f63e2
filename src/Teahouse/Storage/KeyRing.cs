using System.Xml.Linq;
using Microsoft.AspNetCore.DataProtection.Repositories;

namespace Teahouse.Storage;

/// <summary>The keys that sign and encrypt cookies, one file each in <c>DATA_DIR/keys</c>, readable by the program's user only.</summary>
internal sealed class KeyRing(DirectoryInfo directory, ILoggerFactory loggers) : FileSystemXmlRepository(directory, loggers)
{
    public override void StoreElement(XElement element, string friendlyName)
    {
        base.StoreElement(element, friendlyName);
        foreach (var file in Directory.EnumerateFiles())
        {
            PrivateFiles.Restrict(file.FullName);
        }
    }
}
