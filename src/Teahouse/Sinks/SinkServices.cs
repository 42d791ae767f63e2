using Teahouse.Storage;
using Teahouse.Web;

namespace Teahouse.Sinks;

/// <summary>What every turn of every sink needs.</summary>
internal sealed record SinkServices(Db Db, SinkStore Store, SinkLog Log, SinkSignal Signal, Settings Settings, TimeProvider Clock, ILogger<SinkServices> Logger);
