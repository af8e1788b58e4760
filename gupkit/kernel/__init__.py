"""The simulated kernel: one file per kernel source file a reader would open, named after it.

Floors inside the room, from the ground up: flags, errno, content, pgtable · page, sched, rwsem, pagelock,
dirty · vma, rmap, swap, filemap, shmem · zap, truncate, anon, cow, fault_file, swap_in · memory · gup ·
mmap, mlock, madvise, fork, vmscan · machine · the operations · kernel.
"""

from .errno import Errno
from .flags import FOLL
from .gup import Cell
from .kernel import Kernel
from .sched import SCHEDULE_POINTS, Signal, Task

__all__ = ["FOLL", "SCHEDULE_POINTS", "Cell", "Errno", "Kernel", "Signal", "Task"]
