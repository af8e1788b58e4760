"""Interactive views in a notebook: change one thing, step forward and back, and read what happened."""

from .explorer import Explorer
from .model import ExplorerModel
from .snapshot_model import SnapshotModel

__all__ = ["Explorer", "ExplorerModel", "SnapshotModel"]
