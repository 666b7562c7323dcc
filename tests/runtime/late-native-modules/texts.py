"""A module of the application's that is imported at run time, and names a codec."""

ENCODING = "big5"
