"""Loads its parts by names that nobody can foresee."""


def part(number: int) -> str:
    return __import__(f"computing.parts.part{number}", fromlist=["NAME"]).NAME
