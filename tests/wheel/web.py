"""The web applications of `tests/web`, built and served by the command that is installed."""

import subprocess
import sys
from pathlib import Path

cases = Path(__file__).parents[1] / "web/run.py"
subprocess.run([sys.executable, cases, Path(sys.executable).with_name("componentize-py")], check=True)
