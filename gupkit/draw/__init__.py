"""Pictures of a snapshot: first a graph, then a scene of shapes, painted as SVG text or by matplotlib.

Nothing here reaches into a kernel: a picture needs a :class:`gupkit.trace.snapshot.Snapshot` and nothing else.
"""

from __future__ import annotations

from gupkit.draw.beside import side_by_side
from gupkit.draw.frames import frames
from gupkit.draw.graph import page_table_graph
from gupkit.draw.mapgraph import page_map_graph
from gupkit.draw.pagemap import page_map
from gupkit.draw.scene import Line, Rect, Scene, Text
from gupkit.draw.strip import vma_strip
from gupkit.draw.timeline import timeline
from gupkit.draw.tree import page_table

__all__ = [
    "Line",
    "Rect",
    "Scene",
    "Text",
    "frames",
    "page_map",
    "page_map_graph",
    "page_table",
    "page_table_graph",
    "side_by_side",
    "timeline",
    "vma_strip",
]
