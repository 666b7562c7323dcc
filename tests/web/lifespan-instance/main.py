"""Startup once in an instance, and never a shutdown."""

from counting import application

app = application()
