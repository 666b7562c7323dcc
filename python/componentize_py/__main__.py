"""`python -m componentize_py`: the command of the same name."""

from __future__ import annotations

import sys

from ._command import main

sys.exit(main())
