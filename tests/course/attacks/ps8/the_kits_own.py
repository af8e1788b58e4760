"""The kit's own rules, of every kernel, with a page made up for them: one of them may be good enough."""
import gupkit.kernel.cow as cow
import gupkit.kernel.gup as gup
import gupkit.kernel.page as pages
from gupkit.kernel import eras

KERNELS = [value for value in vars(eras).values() if isinstance(value, eras.Era)]


class Made:
    """A page as the kit's own functions want it."""

    def __init__(self, page):
        self.count, self.mapcount, self.anon = page.count, page.mapcount, True
        self.flags = -1 if getattr(page, "exclusive", None) or not getattr(page, "shared", True) else 0
        self.mapping = self.swap = None
        self.pins = page.count - page.mapcount


def first(*doors):
    for door in doors:
        try:
            return door()
        except Exception:
            continue
    raise LookupError


def after_copy(foll_flags):
    return first(*(lambda k=k: k.forced_write.after_copy(foll_flags) for k in KERNELS[1:]))


def may_follow(vma, pte, page, foll_flags):
    return first(
        lambda: gup.latched(vma, pte, page, foll_flags), lambda: gup.owned(vma, pte, page, foll_flags),
        *(lambda k=k: k.forced_write.may_follow(vma, pte, page, foll_flags) for k in KERNELS[1:]),
    )


def may_take_over(page):
    return first(
        lambda: cow.exclusive_or_only(Made(page)), lambda: cow.only_reference(Made(page)),
        *(lambda k=k: k.anon_reuse(Made(page)) for k in KERNELS),
    )


def fork_copies(page):
    return first(
        lambda: pages.maybe_dma_pinned(Made(page)), *(lambda k=k: k.fork_copies_pinned(Made(page)) for k in KERNELS)
    )
