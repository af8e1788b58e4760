"""What every test has in common."""

import os
import tempfile
from pathlib import Path

from hypothesis import settings

# No test may touch the answers that the person at this machine has given.
os.environ["GUPKIT_PROGRESS"] = str(Path(tempfile.mkdtemp(prefix="gupkit-tests-")) / "progress.jsonl")

# The same examples on every machine and every run: a test that fails, fails for everybody.
settings.register_profile("gupkit", derandomize=True, deadline=None, database=None)
settings.load_profile("gupkit")
