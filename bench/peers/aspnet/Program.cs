using System.Globalization;
using Teahouse.Bench.AspNet;

// dotnet Teahouse.Bench.AspNet.dll websockets|signalr PORT
var builder = WebApplication.CreateSlimBuilder();
builder.Logging.ClearProviders();
builder.WebHost.UseUrls($"http://127.0.0.1:{int.Parse(args[1], CultureInfo.InvariantCulture)}");
// The load's clients say nothing while they listen, as SignalR's own would to stay.
builder.Services.AddSignalR(options => options.ClientTimeoutInterval = TimeSpan.FromHours(1));
builder.Services.AddSingleton<SocketRooms>();

var app = builder.Build();
if (args[0] == "signalr")
{
    app.MapHub<ChatHub>("/hub");
}
else
{
    app.UseWebSockets();
    app.Map("/chat/{room}", (HttpContext context, string room, SocketRooms rooms) => rooms.ServeAsync(context, room));
}
await app.RunAsync();
