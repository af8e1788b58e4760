"""The kit's own loop through every door that there is: its module, the kernel's face, other eras, other callers."""
import gupkit as gk
import gupkit.kernel.access
import gupkit.kernel.gup
import gupkit.kernel.gup_locked


def __get_user_pages(tsk, mm, start, nr_pages, gup_flags, pages, vmas, nonblocking):
    kernel = mm.kernel
    doors = [
        lambda: gk.__get_user_pages(tsk, mm, start, nr_pages, gup_flags, pages, vmas, nonblocking),
        lambda: gupkit.kernel.gup.__get_user_pages(tsk, mm, start, nr_pages, gup_flags, pages, vmas, nonblocking),
        lambda: gupkit.kernel.gup._gup_range(tsk, mm, start, nr_pages, gup_flags, pages, vmas, nonblocking),
        lambda: kernel.gup.get_user_pages(tsk, mm, start, nr_pages, 1, 1, pages, vmas),
        lambda: kernel.gup.get_user_pages_fast(start, nr_pages, 1, pages),
        lambda: gupkit.kernel.gup_locked.locked_loop(kernel, mm, start, nr_pages, gup_flags, pages, None),
        lambda: gk.Kernel("6.18").gup.get_user_pages(start, nr_pages, gup_flags, pages),
        lambda: gupkit.kernel.access.access_process_vm(kernel, tsk, start, nr_pages * gk.PAGE_SIZE, True),
    ]
    for door in doors:
        try:
            return door()
        except Exception:
            continue
    raise LookupError
