"""The rooms of systems B and E, which had an app of the same name."""
from django.conf import settings
from django.contrib.auth.models import User
from django.db import models

if "B" in settings.SYSTEMS:

    class ChatMessage(models.Model):
        room_name = models.CharField(max_length=255)
        sender = models.ForeignKey(User, null=True, blank=True, on_delete=models.SET_NULL)
        content = models.TextField()
        timestamp = models.DateTimeField()


if "E" in settings.SYSTEMS:

    class Room(models.Model):
        name = models.CharField(max_length=50, unique=True)
        owner = models.ForeignKey(User, on_delete=models.CASCADE)
        created_at = models.DateTimeField()

    class Message(models.Model):
        room = models.ForeignKey(Room, related_name="messages", on_delete=models.CASCADE)
        user = models.ForeignKey(User, related_name="messages", on_delete=models.CASCADE)
        content = models.TextField()
        timestamp = models.DateTimeField()
