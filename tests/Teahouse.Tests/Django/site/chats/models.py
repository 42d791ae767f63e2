"""The chats of system A."""
from django.contrib.auth.models import User
from django.db import models
from projects.models import Project


class ChatRoom(models.Model):
    project = models.ForeignKey(Project, on_delete=models.CASCADE, related_name="chat_rooms")
    visitor = models.ForeignKey(User, on_delete=models.CASCADE, related_name="visited_chats")
    slug = models.SlugField(unique=True)
    created_at = models.DateTimeField()
    updated_at = models.DateTimeField(auto_now=True)


class Message(models.Model):
    chat_room = models.ForeignKey(ChatRoom, on_delete=models.CASCADE, related_name="messages")
    sender = models.ForeignKey(User, on_delete=models.CASCADE, related_name="sent_messages")
    content = models.TextField()
    is_read = models.BooleanField(default=False)
    created_at = models.DateTimeField()
