"""A package in a package, with data of its own."""
