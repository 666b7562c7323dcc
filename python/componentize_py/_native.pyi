"""The tool itself, in Rust."""

from collections.abc import Callable, Sequence

VERSION: str

def main(arguments: Sequence[str]) -> int: ...
def run(
    arguments: Sequence[str], progress: Callable[[str], object] | None
) -> tuple[str, str, str | None, str | None] | None:
    """Gives the failure, if there is one: its kind, its message, details and a hint."""
