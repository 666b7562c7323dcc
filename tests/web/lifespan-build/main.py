"""Startup while building, so that nothing of it happens at a request."""

from counting import application

app = application()
