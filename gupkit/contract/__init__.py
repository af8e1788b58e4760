"""The contract of ``__get_user_pages``: 21 clauses, each judged over a trace.

``check(trace)`` says of each clause whether it was kept, broken, exercised or not reached, where, and in a sentence.
It reads the trace alone, so it judges a simulated run, a saved one and a recorded one alike. There are three kinds:

* a *promise* is the kernel's: **kept**, or **broken**, which is a bug of that kernel;
* a *duty* is the caller's: **kept**, or **broken**, whether or not it went well this time;
* a *non-promise* is what a caller may not rely on: **exercised** when the surprise that it allows came,
  **not exercised** when it could have come and did not. It is never broken.

======  ===========  ==============================================================================
clause  kind         in a few words
======  ===========  ==============================================================================
C1      duty         hold mmap_sem when you call
C2      duty         with nonblocking, hold it for reading
C3      duty         put each page once, and leave it alone after that
C4      duty         after a short return put exactly what came, and ask again to learn why
C5      promise      a count, or a negative errno if nothing came (0 after an avoided wait breaks it)
C6      non-promise  vmas[] is good after mmap_sem was released
C7      promise      each page is the one an access would have reached at that instant
C8      non-promise  the page stays mapped
C9      non-promise  no other page takes its place
C10     promise      a page that is held is not freed
C11     non-promise  the content stays valid
C12     duty         without FOLL_WRITE, do not write
C13     duty         mark dirty after the last write
C14     duty         mark dirty before the put
C15     duty         set_page_dirty_lock, unless the file cannot go away
C16     duty         set *nonblocking to 1, and look at it after every call
C17     duty         call the fast variant without mmap_sem
C18     non-promise  the task that is charged is the one that runs
C19     non-promise  the caches of holder and CPU agree after the pin
C20     promise      with NULL for pages: faulted in, nothing held
C21     duty         no lock goes back to user space
======  ===========  ==============================================================================

C19 cannot be seen on x86, whose caches agree by themselves: exercised means that another machine would have needed
a flush there. The full text and the source of each clause are in :data:`CLAUSES`.

>>> print(CLAUSES["C8"].kind)
non-promise
"""

from .check import CHECKS, check
from .clauses import CLAUSES, KINDS, Clause
from .finding import Finding, Findings, Place

__all__ = ["CHECKS", "CLAUSES", "KINDS", "Clause", "Finding", "Findings", "Place", "check"]
