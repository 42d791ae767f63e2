using Teahouse.Messages;

namespace Teahouse.Tests.Messages;

[Trait("Transport", "Any")]
public sealed class MentionsTests
{
    // The same cases stand in mentions.test.js.
    [Theory]
    [InlineData("@alice", "alice", true)]
    [InlineData("Hi @Alice!", "alice", true)]
    [InlineData("hi @alice.", "alice", true)]
    [InlineData("(@alice)", "alice", true)]
    [InlineData("@alice @bob", "bob", true)]
    [InlineData("alice", "alice", false)]
    [InlineData("@alicea", "alice", false)]
    [InlineData("@alice_b", "alice", false)]
    [InlineData("@alice.b", "alice", false)]
    [InlineData("@alice-b", "alice", false)]
    [InlineData("mail bob@alice", "alice", false)]
    [InlineData("@alice@example.org", "alice", false)]
    [InlineData("x@alice @alice", "alice", true)]
    [InlineData("@bob.k", "bob.k", true)]
    [InlineData("@b(o", "b(o", true)]
    [InlineData("請看@alice的圖", "alice", true)]
    [InlineData("＠ＡＬＩＣＥ 你好", "alice", true)]
    [InlineData("@小明 你好", "小明", true)]
    [InlineData("@小明，你好", "小明", true)]
    [InlineData("@小明華", "小明", false)]
    [InlineData("@愛麗絲 Liddell 來了", "愛麗絲 Liddell", true)]
    [InlineData("@Žofie", "žofie", true)]
    [InlineData("@𠮷野家", "𠮷野", false)]
    [InlineData("@alice𠮷", "alice", true)]
    [InlineData("@", "alice", false)]
    [InlineData("@alice", "", false)]
    public void Somebody_is_called_by_a_whole_name_in_any_case_and_script(string text, string name, bool isCalled) =>
        Assert.Equal(isCalled, Mentions.Has(text, name));

    [Fact]
    public void Either_of_two_names_calls_its_owner()
    {
        Assert.True(Mentions.Has("@愛麗絲 早", "alice", "愛麗絲"));
        Assert.True(Mentions.Has("@ALICE 早", "alice", "愛麗絲"));
        Assert.False(Mentions.Has("@bob 早", "alice", "愛麗絲"));
    }
}
