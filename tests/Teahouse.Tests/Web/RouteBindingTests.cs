using System.Net;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Mvc.ModelBinding;
using Microsoft.Extensions.Options;
using Teahouse.Tests.Support;

namespace Teahouse.Tests.Web;

/// <summary>What an address names is what is changed, whatever fields a form has.</summary>
[Trait("Speed", "Medium")]
public sealed class RouteBindingTests
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_field_named_like_a_part_of_the_address_leads_nowhere_else()
    {
        await using var server = await TestServer.StartAsync();
        using var alice = await server.SignInAsync("alice");
        foreach (var slug in (string[])["one", "two"])
        {
            await alice.CreateProjectAsync(slug, slug: slug);
            await alice.CreateRoomAsync(slug, "guests");
        }

        using var edited = await alice.PostFormAsync("/projects/one/edit/", ("title", "changed"), ("description", "d"), ("slug", "two"));
        using var posted = await alice.PostFormAsync("/room/one/", ("content", "hello"), ("room", "two"));
        using var renamed = await alice.PostFormAsync("/room/one/settings/", ("act", "update"), ("title", "changed"), ("topic", ""), ("access", "guests"), ("room", "two"));
        using var deleted = await alice.PostFormAsync("/projects/two/delete/", ("typed_name", "two"), ("slug", "one"));

        Assert.Equal("/projects/one/", edited.Headers.Location?.OriginalString);
        Assert.Equal("/room/one/", posted.Headers.Location?.OriginalString);
        Assert.Contains("hello", await alice.GetStringAsync(new Uri("/room/one/", UriKind.Relative), Ct), StringComparison.Ordinal);
        Assert.DoesNotContain("hello", await alice.GetStringAsync(new Uri("/room/two/", UriKind.Relative), Ct), StringComparison.Ordinal);
        Assert.Matches("<h1><bdi[^>]*>changed</bdi>", await alice.GetStringAsync(new Uri("/room/one/", UriKind.Relative), Ct));
        Assert.Matches("<h1><bdi[^>]*>two</bdi>", await alice.GetStringAsync(new Uri("/room/two/", UriKind.Relative), Ct));
        Assert.Equal(HttpStatusCode.SeeOther, renamed.StatusCode);
        Assert.Equal(HttpStatusCode.SeeOther, deleted.StatusCode);
        Assert.Contains("changed", await alice.GetStringAsync(new Uri("/projects/one/", UriKind.Relative), Ct), StringComparison.Ordinal);
        using var gone = await alice.GetAsync(new Uri("/projects/two/", UriKind.Relative), Ct);
        Assert.Equal(HttpStatusCode.NotFound, gone.StatusCode);
    }

    [Fact]
    public async Task Every_page_takes_what_its_address_names_from_there_first()
    {
        await using var server = await TestServer.StartAsync();

        Assert.IsType<RouteValueProviderFactory>(server.Get<IOptions<MvcOptions>>().Value.ValueProviderFactories[0]);
    }
}
