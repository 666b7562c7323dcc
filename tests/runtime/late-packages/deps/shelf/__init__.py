"""A package with data and parts."""
