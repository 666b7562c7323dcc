"""Stands in for a module that the guest lacks: sympy asks it for the size of a C `long`."""


class c_long:
    pass


def sizeof(kind):
    return 4
