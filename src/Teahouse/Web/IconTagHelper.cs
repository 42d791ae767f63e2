using Microsoft.AspNetCore.Components;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Mvc.Rendering;
using Microsoft.AspNetCore.Mvc.Routing;
using Microsoft.AspNetCore.Mvc.ViewFeatures;
using Microsoft.AspNetCore.Razor.TagHelpers;

namespace Teahouse.Web;

/// <summary><c>&lt;icon name="send-horizontal" /&gt;</c>: a symbol of the sprite. Decoration only: the text beside it, or the button's
/// <c>aria-label</c>, says what it means.</summary>
[HtmlTargetElement("icon", TagStructure = TagStructure.NormalOrSelfClosing)]
public sealed class IconTagHelper(IUrlHelperFactory urls) : TagHelper
{
    /// <summary>A name in <c>Assets/icons/icons.txt</c>.</summary>
    public string Name { get; set; } = "";

    /// <summary><c>sm</c> or <c>lg</c>; empty for the size of a line of text.</summary>
    public string Size { get; set; } = "";

    [ViewContext]
    [HtmlAttributeNotBound]
    public ViewContext? ViewContext { get; set; }

    public override void Process(TagHelperContext context, TagHelperOutput output)
    {
        if (ViewContext is null)
        {
            throw new InvalidOperationException("An icon is rendered inside a view.");
        }
        var sprite = Sprite(urls.GetUrlHelper(ViewContext), ViewContext.HttpContext);

        output.TagName = "svg";
        output.TagMode = TagMode.StartTagAndEndTag;
        var given = output.Attributes["class"]?.Value?.ToString();
        output.Attributes.SetAttribute("class", string.Join(' ', new[] { "icon", Size.Length == 0 ? null : "icon-" + Size, given }.OfType<string>()));
        output.Attributes.SetAttribute("aria-hidden", "true");
        output.Attributes.SetAttribute("focusable", "false");
        var use = new TagBuilder("use");
        use.Attributes["href"] = $"{sprite}#{Name}";
        output.Content.SetHtmlContent(use);
    }

    /// <summary>Address of the icons: the fingerprinted one when there is one, so that browsers may keep the sprite for good.</summary>
    public static string Sprite(IUrlHelper urls, HttpContext context)
    {
        const string Path = "assets/icons.svg";
        var assets = context.GetEndpoint()?.Metadata.GetMetadata<ResourceAssetCollection>();
        return urls.Content("~/" + (assets?[Path] ?? Path)) ?? Path;
    }
}
