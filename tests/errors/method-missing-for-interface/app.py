class Greeter:
    pass
