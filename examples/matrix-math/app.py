"""Multiplies two matrices, which the command line gives as JSON, with NumPy."""

import json
import sys

import numpy
from wit_world import exports


class Run(exports.Run):
    def run(self) -> None:
        a, b = (json.loads(argument) for argument in sys.argv[1:])
        print(numpy.matmul(a, b).tolist())
