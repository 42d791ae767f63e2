"""The projects of system A."""
from django.contrib.auth.models import User
from django.db import models


class Project(models.Model):
    title = models.CharField(max_length=200)
    slug = models.SlugField(unique=True, allow_unicode=True)
    description = models.TextField(blank=True)
    account = models.ForeignKey(User, null=True, on_delete=models.CASCADE)
    created_at = models.DateTimeField()
