"""Its tools choose among its other packages by names that they put together."""
