"""The functions of the family in every era, and their arguments in the order in which they are given.

Source: include/linux/mm.h; who changed what and why is in the table of :mod:`gupkit.kernel.eras`.
"""

from __future__ import annotations

_WALK = {"follow_page": "vma address foll_flags", "get_dump_page": "addr"}
_OLD_FAST = {"get_user_pages_fast": "start nr_pages write pages", "__get_user_pages_fast": "start nr_pages write pages"}
_NEW_FAST = {
    "get_user_pages_fast": "start nr_pages gup_flags pages",
    "get_user_pages_fast_only": "start nr_pages gup_flags pages",
    "pin_user_pages_fast": "start nr_pages gup_flags pages",
}
_UNPIN = {
    "unpin_user_page": "page", "unpin_user_pages": "pages npages",
    "unpin_user_pages_dirty_lock": "pages npages make_dirty",
}  # fmt: skip
FUNCTIONS_2_6_39 = {
    "__get_user_pages": "tsk mm start nr_pages gup_flags pages vmas nonblocking",
    "get_user_pages": "tsk mm start nr_pages write force pages vmas",
    **_OLD_FAST,
    **_WALK,
}
FUNCTIONS_4_9 = {
    "__get_user_pages": "tsk mm start nr_pages gup_flags pages vmas nonblocking",
    "get_user_pages": "start nr_pages gup_flags pages vmas",
    "get_user_pages_locked": "start nr_pages gup_flags pages locked",
    "get_user_pages_unlocked": "start nr_pages pages gup_flags",
    "__get_user_pages_unlocked": "tsk mm start nr_pages pages gup_flags",
    "get_user_pages_remote": "tsk mm start nr_pages gup_flags pages vmas",
    **_OLD_FAST,
    **_WALK,
}
FUNCTIONS_5_8 = {
    "__get_user_pages": "tsk mm start nr_pages gup_flags pages vmas locked",
    "get_user_pages": "start nr_pages gup_flags pages vmas",
    "get_user_pages_locked": "start nr_pages gup_flags pages locked",
    "get_user_pages_unlocked": "start nr_pages pages gup_flags",
    "get_user_pages_remote": "tsk mm start nr_pages gup_flags pages vmas locked",
    "pin_user_pages": "start nr_pages gup_flags pages vmas",
    "pin_user_pages_unlocked": "start nr_pages pages gup_flags",
    "pin_user_pages_remote": "tsk mm start nr_pages gup_flags pages vmas locked",
    **_NEW_FAST,
    **_UNPIN,
    **_WALK,
}
FUNCTIONS_5_10 = {name: parameters.removeprefix("tsk ") for name, parameters in FUNCTIONS_5_8.items()}
FUNCTIONS_6_18 = {
    name: parameters.replace(" vmas", "")
    for name, parameters in FUNCTIONS_5_10.items()
    if name not in ("get_user_pages_locked", "follow_page")
}
