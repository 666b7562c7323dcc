"""Runs the functions of `check.py` that are called `test_...`, in the guest: what they import is there since the build."""

import check
from wit_world import exports


class Run(exports.Run):
    def run(self) -> None:
        names = [name for name in vars(check) if name.startswith("test_")]
        for name in names:
            getattr(check, name)()
            print(f"{name}: ok")
        print(f"{len(names)} checks passed")
