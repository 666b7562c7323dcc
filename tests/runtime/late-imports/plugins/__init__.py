"""A package that loads its parts by name."""
