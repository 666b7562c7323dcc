"""What it imports by hand and for type checkers is not taken along."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import typed_only

if __name__ == "__main__":
    import by_hand_only
