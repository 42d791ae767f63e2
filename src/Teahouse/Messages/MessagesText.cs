namespace Teahouse.Messages;

/// <summary>Marks the resources with the conversation's texts. Keys that begin with <c>Js.</c> go to the page's scripts.</summary>
public sealed class MessagesText;
