"""Multiplies two matrices with NumPy. The command line has them as JSON."""

import json
import sys

import numpy
from wit_world import exports


class Run(exports.Run):
    def run(self) -> None:
        a, b = (json.loads(argument) for argument in sys.argv[1:])
        print(numpy.matmul(a, b).tolist())
