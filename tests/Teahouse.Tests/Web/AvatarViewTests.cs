using Teahouse.Web;

namespace Teahouse.Tests.Web;

public sealed class AvatarViewTests
{
    [Theory]
    [InlineData("alice", 9u)]
    [InlineData("bob", 4u)]
    [InlineData("小明", 4u)]
    [InlineData("Žofie", 7u)]
    [InlineData("", 1u)]
    public void A_name_has_the_colour_that_the_script_gives_it(string name, uint hue) =>
        // The same values stand in avatar.test.js.
        Assert.Equal((long)hue, new AvatarView(name).Hue);

    [Theory]
    [InlineData("alice", "A")]
    [InlineData("小明", "小")]
    [InlineData("👩‍👧 fam", "👩‍👧")]
    [InlineData("", "")]
    public void An_initial_is_one_visible_character(string name, string initial) =>
        Assert.Equal(initial, new AvatarView(name).Initial);
}
