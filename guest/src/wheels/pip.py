"""pip for the Python that will run build systems, in a Python that can download: `markers` then speak of the former."""

import sys

from pip._vendor.packaging import markers

VERSION = sys.argv[1]
DEFAULT = markers.default_environment


def environment():
    python = {"python_version": VERSION, "python_full_version": f"{VERSION}.0", "implementation_version": f"{VERSION}.0"}
    return {**DEFAULT(), **python}


markers.default_environment = environment

from pip._internal.cli.main import main  # noqa: E402

sys.exit(main(sys.argv[2:]))
