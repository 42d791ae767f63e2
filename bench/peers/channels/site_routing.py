"""HTTP to Django, sockets to the chat."""
from django.core.asgi import get_asgi_application

# Loads the apps, which the consumers' models need.
http = get_asgi_application()

from channels.routing import ProtocolTypeRouter, URLRouter  # noqa: E402
from channels.security.websocket import AllowedHostsOriginValidator  # noqa: E402
from django.urls import path  # noqa: E402

from chat.consumers import RoomConsumer  # noqa: E402

sockets = URLRouter([path("ws/chat/<str:room>/", RoomConsumer.as_asgi())])
application = ProtocolTypeRouter({"http": http, "websocket": AllowedHostsOriginValidator(sockets)})
