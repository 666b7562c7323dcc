"""The classes are in `things.py`."""
