"""At release: the examples file that a released notebook needs."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

from nbgrader.preprocessors import NbGraderPreprocessor

from ..examples import EXAMPLES, SECRET
from ..judge import Judge


class AddExamples(NbGraderPreprocessor):
    """Put ``examples.txt`` beside the released notebook: what its visible checks compare with."""

    def preprocess(self, nb: Any, resources: Any) -> tuple[Any, Any]:
        """Hand the file to nbconvert's writer; the notebook stays as it is."""
        judge = Judge(Path.cwd(), resources["nbgrader"]["notebook"], os.environ.get(SECRET, ""))
        data = json.dumps(judge.examples(), separators=(",", ":"))
        resources.setdefault("outputs", {})[EXAMPLES] = data.encode()
        return nb, resources
