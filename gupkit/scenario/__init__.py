"""The scenario format: reading, checking and running stories about memory.

Only values are imported here; the YAML reader and the schema come in when a scenario is read.
"""

from .address import FileRef, PinRef, Target, parse_target
from .model import FileSpec, Injection, Prediction, Scenario, Step, builtin_names

__all__ = [
    "FileRef", "FileSpec", "Injection", "PinRef", "Prediction", "Scenario", "Step", "Target", "builtin_names",
    "parse_target",
]
