"""Small functions, an exception, plain numbers for errors: another hand, the same kernel afterwards."""

from gupkit.kernel.flags import FOLL_DUMP, FOLL_GET, FOLL_TOUCH, FOLL_WRITE


class Answer(Exception):
    """The search is over."""


def follow_page(vma, address, flags):
    try:
        page, entry = find(vma, address, int(flags))
    except Answer as answer:
        return answer.args[0]
    if flags & FOLL_TOUCH:
        touch(vma.vm_mm, address, page, entry, bool(flags & FOLL_WRITE))
    return page


def find(vma, address, flags):
    entry = pte_at(vma.vm_mm, address)
    if not pte_present(entry):
        never = entry == 0 and not vma.has_fault
        late = entry != 0 and sheet["dump"] == "swap"
        raise Answer(-14 if flags & FOLL_DUMP and (never or late) else None)
    page = vm_normal_page(vma, entry)
    if flags & FOLL_WRITE and not for_writing(page, entry):
        raise Answer(None)
    zero = page is None
    if zero:
        page = vma.vm_mm.kernel.zero_page
        if pte_pfn(entry) != page.pfn or flags & FOLL_DUMP:
            raise Answer(-14)
    if flags & FOLL_DUMP and sheet["dump"] == "clean":
        if not (page.anon or page.flags & PG_dirty or entry & _PAGE_DIRTY):
            raise Answer(-14)
    if flags & FOLL_GET:
        if zero:
            if sheet["zero"] == "refused":
                raise Answer(-14)
        elif page_count(page) < sheet["most"]:
            get_page(page)
        else:
            raise Answer(-12)
    return page, entry


def for_writing(page, entry):
    allowed = entry & _PAGE_RW
    if sheet["write"] == "dirty":
        return allowed and entry & _PAGE_DIRTY
    return allowed or (page is not None and page.anon and page.mapcount == 1)


def touch(mm, address, page, entry, writes):
    if sheet["touch"] == "active":
        page.flags = page.flags | PG_active | PG_referenced
        if writes:
            set_page_dirty(page)
    else:
        set_pte_at(mm, address, pte_mkyoung(pte_mkdirty(entry)) if writes else pte_mkyoung(entry))
