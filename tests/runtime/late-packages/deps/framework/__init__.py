"""A framework that is told by text what to load."""

DEFAULT = "framework.middleware.standard.Standard"
