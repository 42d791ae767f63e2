using System.Text;
using Teahouse.Tests.Support;

namespace Teahouse.Tests.Web;

public sealed class JunkTests
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Junk_never_makes_the_server_fail()
    {
        await using var server = await TestServer.StartAsync();
        using var client = await server.SignInAsync("alice");
        var token = await client.GetTokenAsync("/create/");
        string[] paths = ["/login/", "/signup/", "/create/", "/chat/", "/room/r/", "/room/%00/", "/chat/%ED%A0%80/", "/room/r/settings/", "/room/r/join/", "/settings/", "/error/", "/error/200/", "/api/v1/rooms/%FF/messages"];
        string[] bodies = ["", "%", "a=b", "name=%00&username=%00&content=%00", "name=%ED%A0%80&username=%ED%A0%80", "act=role&user_id=x&role=9", "name[]=1&title[0]=2"];
        foreach (var path in paths)
        {
            foreach (var body in bodies)
            {
                using var content = new StringContent(body, Encoding.UTF8, "application/x-www-form-urlencoded");
                content.Headers.Add("X-CSRFToken", token);
                using var response = await client.PostAsync(new Uri(path, UriKind.Relative), content, Ct);
                Assert.True((int)response.StatusCode < 500, $"POST {path} with {body}: {response.StatusCode}");
            }
            foreach (var method in (HttpMethod[])[HttpMethod.Get, HttpMethod.Put, HttpMethod.Delete, HttpMethod.Head, HttpMethod.Options])
            {
                using var request = new HttpRequestMessage(method, new Uri(path, UriKind.Relative));
                using var response = await client.SendAsync(request, Ct);
                Assert.True((int)response.StatusCode < 500, $"{method} {path}: {response.StatusCode}");
            }
        }
    }
}
