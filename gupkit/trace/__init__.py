"""What happened, as immutable values: events, snapshots, and the trace that strings them together."""

from .archive import load_trace, save_trace
from .capture import take as take_snapshot
from .diff import Diff
from .event import Event
from .recorder import Recorder
from .snapshot import Snapshot
from .step import Step
from .trace import Trace

__all__ = ["Diff", "Event", "Recorder", "Snapshot", "Step", "Trace", "load_trace", "save_trace", "take_snapshot"]
