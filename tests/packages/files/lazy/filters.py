NAME = "filters"
