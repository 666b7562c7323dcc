import sdk  # its own code runs before this
