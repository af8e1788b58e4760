"""Every rule that ever differed between kernels, as one table: a field is a rule, an :class:`Era` a column.

Kernel code asks the running era a question by name (``kernel.era.anon_reuse``); it never compares version numbers.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, fields, replace
from enum import IntFlag
from typing import TYPE_CHECKING, Any, Self

from ..errors import GupkitError
from .errno import Errno
from .flags import FOLL
from .foll import FOLL_4_9, FOLL_5_8, FOLL_6_18
from .functions import FUNCTIONS_2_6_39, FUNCTIONS_4_9, FUNCTIONS_5_8, FUNCTIONS_5_10, FUNCTIONS_6_18

if TYPE_CHECKING:
    from .page import Page
    from .vma import VMA


def rule(what: str, why: str, source: str) -> Any:
    """A row of the table: the question, the reason for the change in a sentence, and where it can be read."""
    return field(metadata={"what": what, "why": why, "source": source})


@dataclass(frozen=True, slots=True)
class ForcedWrite:
    """How a forced write to a mapping without VM_WRITE ends its loop of faults, as two functions.

    ``after_copy(foll_flags)`` answers with what the flags of this page are once the handler says that it has made the
    copy; ``may_follow(vma, pte, page, foll_flags)`` whether a writer may have the page behind a read-only entry
    (``page`` is None for a special one).
    """

    after_copy: Callable[[int], int]
    may_follow: Callable[[VMA, int, Page | None, int], bool]


@dataclass(frozen=True, slots=True, kw_only=True)
class Era:
    """The rules of one kernel version.

    Rules can be exchanged, one's own put in their place, and the result run like any other kernel:

    >>> mended = V2_6_39.but(forced_write="latch")
    >>> mended.name, mended.version, V2_6_39.forced_write
    ('2.6.39 but forced_write', '2.6.39', 'drop')
    """

    name: str
    base: str = ""
    """The version whose rules were changed; empty for a version itself."""
    foll: type[IntFlag] = rule(
        "FOLL_ flags of a caller",
        "Every new kind of caller brought a flag; 6.3 renumbered them and hid the private half.",
        "include/linux/mm.h; 6.3: mm/internal.h",
    )
    exports: dict[str, bool] = rule(
        "symbols modules may link to (true: GPL modules only)",
        "The export of __get_user_pages in 2.6.39 served KVM; in 4.9 flags could be given to the ordinary calls, its "
        "one module user no longer needed it, and the export was taken away.",
        "EXPORT_SYMBOL lines of mm/memory.c, mm/gup.c, arch/x86/mm/gup.c",
    )
    functions: dict[str, str] = rule(
        "functions of the family, and their arguments",
        "write and force became flags (4.9), nonblocking became locked (4.0, with the calls that wait without the "
        "lock), tsk went when faults were charged to the caller (5.9), vmas when nobody was left who used it (6.5).",
        "include/linux/mm.h; 5.9: 64019a2e467a; 6.5: b2cac248191b and the patches before it",
    )
    checks_arguments: str = rule(
        "whether flags that contradict each other are refused",
        "FOLL_PIN and FOLL_GET exclude each other, and only the right function may set either (5.6); 6.3 checks all in "
        "one place, and its pin_user_pages answers 0, not -EINVAL.",
        "mm/gup.c, is_valid_gup_flags, is_valid_gup_args",
    )
    count_checked: bool = rule(
        "a page whose count would overflow gives no further reference (-ENOMEM)",
        "2^31 references, which any user could take, made the count wrap and the page free (CVE-2019-11487, 5.1).",
        "try_get_page, try_grab_page; commit 8fde12ca79af",
    )
    mlock_marks: str = rule(
        "what marks a page of a locked range",
        "FOLL_MLOCK took each page's lock as it was found; since 5.18 the fault that maps the page marks it.",
        "follow_page, FOLL_MLOCK; 5.18: mm/mlock.c, mlock_vma_folio",
    )
    signed_count: bool = rule(
        "a count of 0 or fewer pages answers 0",
        "nr_pages was an int once; as an unsigned long it has no negative values, and a huge one ends in -EFAULT.",
        "mm/memory.c (2.6.39: int); mm/gup.c (from 3.9 on: unsigned long)",
    )
    readaround_pages: int = rule(
        "pages read around a cold one at a fault",
        "The window is a property of the device, 128 KiB by default in every era.",
        "mm/filemap.c, do_sync_mmap_readahead",
    )
    read_window_pages: int = rule(
        "pages read ahead when a file is read from its start", "As above.", "mm/readahead.c, get_init_ra_size"
    )
    cold_fault_retries: bool = rule(
        "a fault that had to start a read is always tried again",
        "mmap_lock is dropped before the read is even submitted (5.1); before that only if the page was still busy.",
        "mm/filemap.c, do_sync_mmap_readahead; commit 6b4c9f446981",
    )
    fault_around_pages: int = rule(
        "pages mapped by one read fault on a cached file",
        "Mapping what is cached anyway saves the faults on the neighbours (3.15).",
        "mm/memory.c, do_fault_around; commit 8c6e50b0290c",
    )
    anon_reuse: str | Callable[[Page], bool] = rule(
        "whose anonymous page a write fault may take over",
        "Counting mappings ignores pins (CVE-2020-29374); counting references copies under pins; the exclusive mark "
        "(5.19) says it outright.",
        "do_wp_page; 5.9: 09854ba94c6a; 5.19: 6c287605fd56",
    )
    swap_in_reuse: str = rule(
        "whose page a write fault from swap may take over",
        "5.9 changed only the write-protect fault; swap-in followed in 5.18.",
        "do_swap_page, reuse_swap_page; 5.18: c145e0b47c77",
    )
    read_gup_breaks_cow: bool = rule(
        "a read pin copies like a write",
        "The first answer to CVE-2020-29374, kept for one release: correct, and it broke readers of special mappings.",
        "5.8: 17839856fd58; reverted in 5.9: a308c71bf1e6",
    )
    forced_write: str | ForcedWrite = rule(
        "how a forced write ends its loop of faults",
        "Dropping FOLL_WRITE lost a race (CVE-2016-5195); FOLL_COW remembers the copy; the exclusive mark proves it.",
        "4.9: 19be0eaffa3a; 6.0: 5535be309971",
    )
    forced_shared_write: bool = rule(
        "a forced write to a shared mapping without VM_WRITE makes a private copy in it",
        "Anonymous pages inside a shared mapping surprised everybody who met them (3.15).",
        "check_vma_flags; commit cda540ace6a1",
    )
    pin_bias: int = rule(
        "references that one FOLL_PIN adds to a page (0: there is no FOLL_PIN)",
        "Pins by devices had to be told from other references (5.6, counted since 5.7).",
        "include/linux/mm.h, GUP_PIN_COUNTING_BIAS; commit 3faa52c03f44",
    )
    fork_copies_pinned: bool | Callable[[Page], bool] = rule(
        "fork gives the child a copy of a page that a FOLL_PIN holds",
        "Otherwise the parent's next write moves it away from the device (5.9).",
        "copy_present_page; commit 70e806e4e645",
    )
    unshares: bool = rule(
        "a read FOLL_PIN first makes the page its own (FAULT_FLAG_UNSHARE)",
        "A pinned page must stay the mapped one (5.19).",
        "gup_must_unshare; commit a7f226604170",
    )
    longterm_file_rule: bool = rule(
        "a long-term write pin of a shared file mapping is refused",
        "The file system cleans pages under such a pin and never learns of later writes (6.5).",
        "writable_file_mapping_allowed; commit 8ac268436e6d",
    )
    registered_file: str = rule(
        "what registering a buffer in a shared file mapping answers",
        "io_uring refused files itself until the pin did (5.1 to 6.4: -EOPNOTSUPP, the page is faulted in first).",
        "io_sqe_buffer_register (5.8); 6.5: the row above",
    )
    lock_can_drop: bool = rule(
        "the usual calls let mmap_lock go while they wait, and take it again",
        "A slow disk under one process's pin stalled its every mmap; the nonblocking pointer became ``locked`` (4.0).",
        "get_user_pages_unlocked; commit f0818f472d8d",
    )
    direct_io_pins: bool = rule(
        "direct transfers take FOLL_PIN instead of an ordinary reference",
        "A transfer is a device's access like any other; as a pin it keeps the page the mapped one (6.5).",
        "block/bio.c, bio_iov_iter_get_pages; lib/iov_iter.c, iov_iter_extract_pages; found by gupkit compare",
    )
    gup_grows_stack: bool = rule(
        "a pin below a stack grows it",
        "A driver should not change the address space; 6.5 only warns.",
        "mm/gup.c, gup_vma_lookup; commit a425ac5365f6",
    )
    stack_guard_inside: bool = rule(
        "the lowest page of a stack is its guard",
        "One page inside the mapping was too little, and a special case everywhere; since 4.12 a gap of 256 pages "
        "outside of it is kept free.",
        "mm/mmap.c, acct_stack_growth, expand_downwards; commit 1be7107fbe18",
    )
    faults_charged: str = rule(
        "who is charged the faults of a pin",
        "Once the task handed in, for every call of the handler; since 5.9 the caller, for completed faults only.",
        "faultin_page; 5.9: mm_account_fault, bce617edecad",
    )
    shared_write_retries: bool = rule(
        "the first write to a clean shared page lets mmap_lock go and is tried again",
        "Throttling a writer under the lock stalled everybody; the repeat counts as major until 6.0 could say "
        "that the fault was complete.",
        "fault_dirty_shared_page, 89b15332af7c; 6.0: VM_FAULT_COMPLETED",
    )
    swap_cache_bypassed: bool = rule(
        "a page swapped in from a fast device never enters the swap cache",
        "A synchronous device needs no cache (4.15; the recorded 4.9 read from a RAM disk).",
        "do_swap_page, SWP_SYNCHRONOUS_IO; commit 0bcac06f27d7",
    )
    pageout_spares_shared: bool = rule(
        "MADV_PAGEOUT leaves pages alone that others map",
        "Paging out what others use would tell a process about them (5.4).",
        "madvise_cold_or_pageout_pte_range",
    )
    mprotect_keeps_write: bool = rule(
        "mprotect makes exclusive pages writable at once",
        "The fault that followed had nothing to decide (6.0).",
        "can_change_pte_writable; commit 64fe24a3e05e",
    )
    mprotect_populates_locked: bool = rule(
        "mprotect that makes a locked private mapping writable copies its pages at once",
        "A locked page must not fault later, and the first write would (4.2).",
        "mprotect_fixup; commit 36f881883c57",
    )
    unfaulted_unaccounted: bool = rule(
        "mprotect that takes writing away stops counting private memory that nobody ever touched",
        "It kept the VMA from being joined with neighbours that were never writable (6.6).",
        "mprotect_fixup; 6.6: allow unfaulted VMAs to be unaccounted on mprotect()",
    )
    file_folios: bool = rule(
        "disk files come in folios: one per contiguous write, mapped whole where it fits in the VMA, else one page",
        "Larger units cost less to keep; truncation splits and unmaps them. memfd stays with single pages.",
        "ext4 large folios (6.16); mm/memory.c, finish_fault; measured on 6.18",
    )
    swap_in_writable: bool = rule(
        "an exclusive page comes back from swap writable even for a reader",
        "The write fault that followed had nothing to decide.",
        "mm/memory.c, do_swap_page",
    )
    fatal_signal: Errno = rule(
        "what a pending SIGKILL answers", "The restart code never reached anybody (5.7).", "mm/gup.c, __get_user_pages"
    )
    tail_references: bool = rule(
        "a reference to a part of a huge page is also counted in that part, and goes with it when the page is split",
        "Carrying references over raced with get_page and slowed every put_page; since 4.5 the head alone is counted, "
        "and a page that somebody holds cannot be split.",
        "mm/swap.c, put_compound_page; 4.5: commit ddc58f27f9ee",
    )
    huge_zero_page: bool = rule(
        "a read of untouched huge memory maps one huge page of zeros, shared by all",
        "A reader of a sparse array paid 2 MiB for every part it looked at (3.8).",
        "mm/huge_memory.c, do_huge_pmd_anonymous_page",
    )
    huge_cow_copies: bool = rule(
        "a write to a shared huge page copies all of it",
        "Copying 2 MiB for one byte was slow and often failed; since 5.8 the mapping is split and one page copied.",
        "do_huge_pmd_wp_page; 5.8: commit 3917c80280c9",
    )
    huge_zero_write_copies: bool = rule(
        "a write to the huge zero page allocates a huge page",
        "Lost with the copying in 5.8, which splits here too, and brought back for zeros alone (6.13).",
        "do_huge_pmd_wp_page, do_huge_zero_wp_pmd",
    )
    huge_touch_dirties: bool = rule(
        "FOLL_TOUCH makes a huge entry dirty even for a reader",
        "With the dirty bit as the sign of a finished copy, a read could open the huge zero page to a writer "
        "(CVE-2017-1000405, 4.15).",
        "touch_pmd; commit a8f97366452e",
    )
    huge_forced_write: bool = rule(
        "the walk knows a finished forced copy behind a huge entry too",
        "Dirty COW was mended for small entries first; a forced write to a read-only huge page went round for ever "
        "until 4.10.",
        "mm/huge_memory.c, can_follow_write_pmd; commit 8310d48b125d",
    )
    hugetlb_walk: str = rule(
        "how a request goes through a hugetlb VMA",
        "A walk of its own knew no signals (until 4.1), no charges and one error; since 6.11 the common one does it.",
        "follow_hugetlb_page; 6.11: mm/gup.c",
    )
    hugetlb_forced_write: bool = rule(
        "a forced write may go to a hugetlb VMA without VM_WRITE",
        "The copy would have become writable for everybody in the process, so 6.2 refuses it.",
        "check_vma_flags; commit f347454d0341",
    )
    unknown_advice: frozenset[str] = rule(
        "madvise advice that is answered with -EINVAL",
        "POPULATE_READ and _WRITE came in 5.14, guard regions in 6.13.",
        "include/uapi/asm-generic/mman-common.h",
    )

    @property
    def marks_exclusive(self) -> bool:
        """Anonymous pages have the exclusive mark: also where a rule of one's own, which may look at it, decides."""
        return self.anon_reuse == "exclusive" or (callable(self.anon_reuse) and self.swap_in_reuse == "exclusive")

    @property
    def version(self) -> str:
        """The kernel version, also of one whose rules were changed."""
        return self.base or self.name

    def but(self, name: str = "", **rules: Any) -> Self:
        """The same kernel with other rules; ``name`` is what it is called (by default after what changed).

        ``forced_write`` also takes a :class:`ForcedWrite`, ``anon_reuse`` a function that says of a page whether a
        writer may take it over, ``fork_copies_pinned`` one that says whether fork gives the child a copy of it.
        GupkitError for a rule that there is not.
        """
        known = [row.name for row in fields(self) if row.metadata]
        if unknown := sorted(set(rules) - set(known)):
            raise GupkitError(f"an era has no rule {unknown[0]!r}: gupkit eras lists them")
        called = name or f"{self.name} but {', '.join(rules) or 'nothing'}"
        return replace(self, name=called, base=self.version, **rules)


_GPL = True
_UNKNOWN = frozenset({"POPULATE_READ", "POPULATE_WRITE", "GUARD_INSTALL", "GUARD_REMOVE"})
_PAGES = {"put_page": not _GPL, "set_page_dirty": not _GPL, "set_page_dirty_lock": not _GPL}
_FAST = {"get_user_pages_fast": _GPL, "__get_user_pages_fast": _GPL}
_CALLS = {"get_user_pages": not _GPL, "get_user_pages_unlocked": not _GPL, "get_user_pages_remote": not _GPL}
_LOCKED = {"get_user_pages_locked": not _GPL}
_PINS = {"pin_user_pages": not _GPL, "pin_user_pages_remote": not _GPL, "pin_user_pages_unlocked": not _GPL,
         "pin_user_pages_fast": _GPL, "unpin_user_page": not _GPL, "unpin_user_pages": not _GPL}  # fmt: skip

V2_6_39 = Era(
    name="2.6.39",
    foll=FOLL,
    exports={"get_user_pages": not _GPL, "__get_user_pages": not _GPL, **_FAST, **_PAGES},
    functions=FUNCTIONS_2_6_39,
    checks_arguments="no",
    count_checked=False,
    mlock_marks="FOLL_MLOCK",
    signed_count=True,
    readaround_pages=32,
    read_window_pages=4,
    cold_fault_retries=False,
    fault_around_pages=1,
    anon_reuse="mapcount",
    swap_in_reuse="mapcount",
    read_gup_breaks_cow=False,
    forced_write="drop",
    forced_shared_write=True,
    pin_bias=0,
    fork_copies_pinned=False,
    unshares=False,
    longterm_file_rule=False,
    registered_file="pinned",
    lock_can_drop=False,
    direct_io_pins=False,
    gup_grows_stack=True,
    stack_guard_inside=True,
    faults_charged="tsk",
    shared_write_retries=False,
    swap_cache_bypassed=False,
    pageout_spares_shared=False,
    mprotect_keeps_write=False,
    mprotect_populates_locked=False,
    unfaulted_unaccounted=False,
    file_folios=False,
    swap_in_writable=False,
    tail_references=True,
    huge_zero_page=False,
    huge_cow_copies=True,
    huge_zero_write_copies=True,
    huge_touch_dirties=True,
    huge_forced_write=True,
    hugetlb_walk="its own, deaf to signals",
    hugetlb_forced_write=True,
    fatal_signal=Errno.ERESTARTSYS,
    unknown_advice=_UNKNOWN,
)
V4_9 = replace(
    V2_6_39,
    name="4.9",
    foll=FOLL_4_9,
    exports={**_CALLS, **_LOCKED, "__get_user_pages_unlocked": not _GPL, **_FAST, **_PAGES},
    functions=FUNCTIONS_4_9,
    signed_count=False,
    fault_around_pages=16,
    forced_write="latch",
    forced_shared_write=False,
    lock_can_drop=True,
    mprotect_populates_locked=True,
    swap_cache_bypassed=True,
    tail_references=False,
    huge_zero_page=True,
    huge_forced_write=False,
    hugetlb_walk="its own",
)
V5_8 = replace(
    V4_9,
    name="5.8",
    foll=FOLL_5_8,
    exports={**_CALLS, **_LOCKED, **_PINS, "get_user_pages_fast": _GPL, "get_user_pages_fast_only": _GPL, **_PAGES},
    functions=FUNCTIONS_5_8,
    checks_arguments="FOLL_GET and FOLL_PIN",
    count_checked=True,
    huge_cow_copies=False,
    huge_zero_write_copies=False,
    huge_touch_dirties=False,
    huge_forced_write=True,
    cold_fault_retries=True,
    read_gup_breaks_cow=True,
    stack_guard_inside=False,
    pin_bias=1024,
    registered_file="refused by io_uring",
    pageout_spares_shared=True,
    fatal_signal=Errno.EINTR,
)
V5_10 = replace(
    V5_8,
    name="5.10",
    functions=FUNCTIONS_5_10,
    anon_reuse="refcount",
    read_gup_breaks_cow=False,
    fork_copies_pinned=True,
    faults_charged="current",
    shared_write_retries=True,
)
V6_18 = replace(
    V5_10,
    name="6.18",
    foll=FOLL_6_18,
    exports={**_CALLS, **_PINS, "get_user_pages_fast": _GPL, "get_user_pages_fast_only": _GPL, **_PAGES},
    functions=FUNCTIONS_6_18,
    checks_arguments="all",
    mlock_marks="the fault",
    anon_reuse="exclusive",
    swap_in_reuse="exclusive",
    forced_write="exclusive",
    unshares=True,
    huge_zero_write_copies=True,
    hugetlb_walk="the common one",
    hugetlb_forced_write=False,
    longterm_file_rule=True,
    direct_io_pins=True,
    registered_file="refused by the pin",
    gup_grows_stack=False,
    shared_write_retries=False,
    mprotect_keeps_write=True,
    unfaulted_unaccounted=True,
    file_folios=True,
    swap_in_writable=True,
    unknown_advice=frozenset(),
)

ERAS = {era.name: era for era in (V2_6_39, V4_9, V5_8, V5_10, V6_18)}
"""Every era the kit can run, by version."""


def find_era(name: str | Era) -> Era:
    """The era called ``name``, or the one given; GupkitError when the kit has none.

    >>> find_era("2.6.39").name
    '2.6.39'
    """
    if isinstance(name, Era):
        return name
    try:
        return ERAS[name]
    except KeyError:
        raise GupkitError(f"no era {name!r}: this version runs {', '.join(ERAS)}") from None


def rows() -> list[tuple[str, str, str, str, dict[str, Any]]]:
    """The table: (rule, question, reason, source, answer per era), in the order of the fields of :class:`Era`."""
    return [
        (row.name, row.metadata["what"], row.metadata["why"], row.metadata["source"],
         {era.name: getattr(era, row.name) for era in ERAS.values()})
        for row in fields(Era)
        if row.metadata
    ]  # fmt: skip
