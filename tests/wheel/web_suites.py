"""A sample of the frameworks' own tests, `tests/web/suites`, in components of the command that is installed."""

import subprocess
import sys
from pathlib import Path

suites = Path(__file__).parents[1] / "web/suites.py"
subprocess.run([sys.executable, suites, Path(sys.executable).with_name("componentize-py"), "--sample"], check=True)
