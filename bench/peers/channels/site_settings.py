"""A Django site with one chat consumer, its layer in Redis."""
import os

SECRET_KEY = "only for measuring on loopback"
DEBUG = False
ALLOWED_HOSTS = ["127.0.0.1"]
ROOT_URLCONF = "site_urls"
INSTALLED_APPS = ["channels", "chat"]
ASGI_APPLICATION = "site_routing.application"
DATABASES = {"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": os.environ["BENCH_DATABASE"]}}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
USE_TZ = True
CHANNEL_LAYERS = {
    "default": {
        "BACKEND": "channels_redis.core.RedisChannelLayer",
        "CONFIG": {"hosts": [("127.0.0.1", int(os.environ["BENCH_REDIS_PORT"]))]},
    }
}
SAVES_MESSAGES = os.environ["BENCH_SAVES"] == "1"
