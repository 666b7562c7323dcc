"""A startup that fails: the answer is 500, and the reason is on standard error."""

from counting import application

app = application("no database")
