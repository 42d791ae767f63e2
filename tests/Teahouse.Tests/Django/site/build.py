"""Makes the database of an old site with the real Django: build.py FILE SYSTEMS (of A, B, E) [tz|naive] [step]. Step 1 makes it, step 2 adds what was said later."""
import datetime
import sys

import django
from django.conf import settings

path, systems = sys.argv[1:3]
naive = "naive" in sys.argv[3:]
step = 2 if "2" in sys.argv[3:] else 1
apps = [app for app, needs in {"chat": "BE", "projects": "A", "chats": "A"}.items() if set(needs) & set(systems)]
settings.configure(
    SECRET_KEY="x", SYSTEMS=systems, USE_TZ=not naive, TIME_ZONE="Asia/Taipei", DEFAULT_AUTO_FIELD="django.db.models.BigAutoField",
    DATABASES={"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": path}},
    INSTALLED_APPS=["django.contrib.contenttypes", "django.contrib.auth", *apps],
)
django.setup()

from django.contrib.auth.models import User  # noqa: E402
from django.core.management import call_command  # noqa: E402
from django.db import connection  # noqa: E402

TAIPEI = datetime.timezone(datetime.timedelta(hours=8))
START = datetime.datetime(2024, 5, 1, 9, 0, 0, 123456, tzinfo=None if naive else TAIPEI)


def at(minutes):
    return START + datetime.timedelta(minutes=minutes)


def accounts():
    for name in ("alice", "bob"):
        User.objects.create_user(name, f"{name}@example.org", f"{name}'s old secret", date_joined=at(0))
    User.objects.create_superuser("root", "root@example.org", "root's old secret", date_joined=at(0))
    User.objects.create_user("staff", password="staff's old secret", is_staff=True, date_joined=at(0))
    User.objects.create_user("gone", password="gone's old secret", is_active=False, date_joined=at(0))
    User.objects.create_user("nopass", password=None, date_joined=at(0))
    User.objects.create_user("Alice", password="Alice's old secret", date_joined=at(0))
    User.objects.create_user("two words", password="two words' old secret", date_joined=at(0))
    User.objects.filter(username="nopass").update(email="")
    # Another of Django's hashes.
    User.objects.create(username="md5er", password="md5$salt$5f4dcc3b5aa765d61d8327deb882cf99", date_joined=at(0))


def user(name):
    return User.objects.get(username=name)


def open_rooms():
    from chat.models import ChatMessage

    def say(room, who, text, minutes):
        return ChatMessage.objects.create(room_name=room, sender=who and user(who), content=text, timestamp=at(minutes))

    if step == 2:
        say("lobby", "bob", "later", 500)
        say("new_room", None, "a room of its own", 501)
        return
    say("lobby", "bob", "second", 2)
    say("lobby", "alice", "first, written last", 1)
    say("Lobby", None, "from nobody", 3)
    say("lobby", "alice", "   ", 4)
    say("lobby", "alice", "長" * 8001, 5)
    lost = say("lobby", "alice", "whose is this?", 6)
    say("茶 館!", "alice", "a name that is none here", 7)
    with connection.cursor() as cursor:
        cursor.execute("PRAGMA foreign_keys = OFF")
        cursor.execute("UPDATE chat_chatmessage SET sender_id = 999 WHERE id = %s", [lost.id])


def members_rooms():
    from chat.models import Message, Room

    if step == 2:
        Message.objects.create(room=Room.objects.get(name="tea"), user=user("bob"), content="later, too", timestamp=at(500))
        return
    tea = Room.objects.create(name="tea", owner=user("alice"), created_at=at(0))
    Room.objects.create(name="lobby", owner=user("bob"), created_at=at(0))
    for i, (who, text) in enumerate([("alice", "早安"), ("bob", "morning\nall"), ("gone", "bye")]):
        Message.objects.create(room=tea, user=user(who), content=text, timestamp=at(i))


def projects():
    from chats.models import ChatRoom, Message
    from projects.models import Project

    def say(chat, who, text, minutes, read=False):
        Message.objects.create(chat_room=chat, sender=user(who), content=text, is_read=read, created_at=at(minutes))

    if step == 2:
        chat = ChatRoom.objects.get(slug="1")
        chat.messages.filter(sender=user("bob")).update(is_read=True)
        say(chat, "alice", "answer", 500)
        return
    bike = Project.objects.create(title="一輛腳踏車", slug="bike", description="紅色的", account=user("alice"), created_at=at(0))
    Project.objects.create(title="T" * 150, slug="new", account=user("alice"), created_at=at(0))
    chat = ChatRoom.objects.create(project=bike, visitor=user("bob"), slug="1", created_at=at(0))
    say(chat, "bob", "還在嗎？", 1, read=True)
    say(chat, "alice", "在", 2, read=True)
    say(chat, "bob", "多少錢？", 3)
    say(chat, "bob", "？", 4)
    own = ChatRoom.objects.create(project=bike, visitor=user("alice"), slug="2", created_at=at(0))
    say(own, "alice", "to myself", 5)


if step == 1:
    call_command("migrate", run_syncdb=True, verbosity=0)
    accounts()
if "B" in systems:
    open_rooms()
if "E" in systems:
    members_rooms()
if "A" in systems:
    projects()
