"""A package with data, metadata and a plugin."""

from importlib.metadata import entry_points


def shout(text: str) -> str:
    raise ValueError("SHOUTED")


def plugins() -> list[str]:
    return [plugin.name for plugin in entry_points(group="shelf.plugins")]
