import json

from channels.db import database_sync_to_async
from channels.generic.websocket import AsyncWebsocketConsumer
from django.conf import settings

from .models import Message


class RoomConsumer(AsyncWebsocketConsumer):
    """A room is a group of the channel layer."""

    async def connect(self):
        self.room = self.scope["url_route"]["kwargs"]["room"]
        self.group = f"chat.{self.room}"
        await self.channel_layer.group_add(self.group, self.channel_name)
        await self.accept()

    async def disconnect(self, code):
        await self.channel_layer.group_discard(self.group, self.channel_name)

    async def receive(self, text_data=None, bytes_data=None):
        text = json.loads(text_data)["message"]
        if settings.SAVES_MESSAGES:
            await database_sync_to_async(Message.objects.create)(room=self.room, text=text)
        await self.channel_layer.group_send(self.group, {"type": "room.message", "text": text})

    async def room_message(self, event):
        await self.send(text_data=json.dumps({"message": event["text"]}))
