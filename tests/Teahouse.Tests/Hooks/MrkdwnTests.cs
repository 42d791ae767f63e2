using Teahouse.Hooks;

namespace Teahouse.Tests.Hooks;

public sealed class MrkdwnTests
{
    [Theory]
    [InlineData("plain *bold* _and_ `code`", "plain *bold* _and_ `code`")]
    [InlineData("<https://a.example/x?y=1&amp;z=2>", "https://a.example/x?y=1&z=2")]
    [InlineData("see <https://a.example|the build>.", "see the build (https://a.example).")]
    [InlineData("<https://a.example|https://a.example>", "https://a.example")]
    [InlineData("<mailto:bob@a.example|bob@a.example>", "bob@a.example")]
    [InlineData("<mailto:bob@a.example|Bob>", "Bob (bob@a.example)")]
    [InlineData("<@U123> <@U123|bob> <#C1|general> <#C1>", "@U123 @bob #general #C1")]
    [InlineData("<!here> <!channel> <!subteam^S1|@team> <!date^1^{date}|today>", "@here @channel @team today")]
    [InlineData("1 &lt; 2 &amp;&amp; 3 &gt; 2", "1 < 2 && 3 > 2")]
    [InlineData("&amp;lt;", "&lt;")]
    [InlineData("<", "<")]
    [InlineData("<>", "<>")]
    [InlineData("<|>", "<|>")]
    [InlineData("List<int> x", "List<int> x")]
    [InlineData("a < b and c > d", "a < b and c > d")]
    [InlineData("<b>bold</b>", "<b>bold</b>")]
    [InlineData("Dear <name>, <!-- no -->", "Dear <name>, <!-- no -->")]
    [InlineData("<slack://open|Open>", "Open (slack://open)")]
    [InlineData("vector<std::string> and <a:b|c>", "vector<std::string> and <a:b|c>")]
    [InlineData("<tel:+886912345678|Call>", "Call (+886912345678)")]
    public void Slacks_format_becomes_plain_text(string mrkdwn, string text) => Assert.Equal(text, Mrkdwn.ToText(mrkdwn).Trim());

    [Theory]
    [InlineData("""{"text":"x"}""", "x")]
    [InlineData("""{"text":"fallback","blocks":[{"type":"section","text":{"type":"mrkdwn","text":"<https://a.example|Deploy> done"}}]}""", "Deploy (https://a.example) done")]
    [InlineData("""{"blocks":[{"type":"header","text":{"type":"plain_text","text":"A <b>"}},{"type":"divider"},{"type":"section","fields":[{"type":"mrkdwn","text":"*Who*"},{"type":"plain_text","text":"bob"}]}]}""", "A <b>\n*Who*\nbob")]
    [InlineData("""{"blocks":[{"type":"context","elements":[{"type":"mrkdwn","text":"one"},{"type":"image","alt_text":"two","image_url":"https://a.example/i.png"}]}]}""", "one · two")]
    [InlineData("""{"blocks":[{"type":"actions","elements":[{"type":"button","text":{"type":"plain_text","text":"Open"},"url":"https://a.example"}]}]}""", "Open (https://a.example)")]
    [InlineData("""{"blocks":[{"type":"rich_text","elements":[{"type":"rich_text_section","elements":[{"type":"text","text":"Hi "},{"type":"link","url":"https://a.example","text":"there"},{"type":"emoji","name":"wave"}]},{"type":"rich_text_list","style":"ordered","elements":[{"type":"rich_text_section","elements":[{"type":"text","text":"first"}]},{"type":"rich_text_section","elements":[{"type":"text","text":"second"}]}]}]}]}""", "Hi there (https://a.example):wave:\n1. first\n2. second")]
    [InlineData("""{"attachments":[{"title":"Disk","actions":[{"type":"button","text":"Runbook","url":"https://run.example"},{"type":"button","text":"Silence"}]}]}""", "Disk\nRunbook (https://run.example) · Silence")]
    [InlineData("""{"blocks":[{"type":"table","rows":[[{"type":"raw_text","text":"Host"},{"type":"raw_text","text":"Load"}],[{"type":"rich_text","elements":[{"type":"rich_text_section","elements":[{"type":"text","text":"db1"}]}]},{"type":"raw_text","text":"4"}]]}]}""", "Host | Load\ndb1 | 4")]
    [InlineData("""{"text":"Alert","attachments":[{"fallback":"f","pretext":"CPU","title":"High","title_link":"https://a.example","text":"load &gt; 4","fields":[{"title":"Host","value":"db1","short":true}],"footer":"mon"}]}""", "Alert\nCPU\nHigh (https://a.example)\nload > 4\nHost: db1\nmon")]
    [InlineData("""{"attachments":[{"fallback":"only this"}]}""", "only this")]
    [InlineData("""{"text":5}""", "5")]
    [InlineData("""{"text":["x"],"blocks":"y","attachments":{"a":1}}""", "")]
    [InlineData("""{"blocks":[1,null,"x",{"type":"section"},{"type":"unknown","text":"x"},{"type":"section","text":"x"}]}""", "")]
    public void What_a_notifier_sends_is_worded(string json, string text) => Assert.Equal(text, SlackMessage.Parse(json).Text);
}
