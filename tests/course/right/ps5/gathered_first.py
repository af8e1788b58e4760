"""Pages are gathered in lists of its own, one call for each, and stored at the end; errors are exceptions."""


class Ended(Exception):
    pass


def region_of(mm, address, gup_flags):
    vma = find_extend_vma(mm, address)
    if vma is None:
        raise Ended(Errno.EFAULT)
    shared = vma.vm_flags & (VM_SHARED | VM_MAYSHARE)
    own = mm.kernel.running_task().mm is mm
    forced = gup_flags & FOLL.FORCE and not (shared if sheet["force"] == "private" else own)
    need = {
        (False, False): VM_READ, (False, True): VM_MAYREAD, (True, False): VM_WRITE, (True, True): VM_MAYWRITE,
    }[bool(gup_flags & FOLL.WRITE), bool(forced)]
    if vma.vm_flags & (VM_IO | VM_PFNMAP) or not vma.vm_flags & need:
        raise Ended(Errno.EFAULT)
    return vma


def die_if_killed(mm, where):
    if sheet["killed"] == where and fatal_signal_pending(mm.kernel.running_task()):
        raise Ended(Errno.ERESTARTSYS)


def fault(tsk, mm, vma, address, flags, lets_go):
    die_if_killed(mm, "fault")
    how = 0
    if flags & FOLL.WRITE:
        how |= FAULT_FLAG_WRITE
    if lets_go:
        how |= FAULT_FLAG_ALLOW_RETRY
    ret = handle_mm_fault(mm, vma, address, how)
    if ret & VM_FAULT_ERROR:
        raise Ended(Errno.ENOMEM if ret & VM_FAULT_OOM else Errno.EFAULT)
    charge_fault(tsk, ret)
    return ret


def one_page(tsk, mm, address, gup_flags, nonblocking):
    vma, flags, lets_go = region_of(mm, address, gup_flags), gup_flags, nonblocking is not None
    for left in range(sheet["most"], -1, -1):
        cond_resched(mm.kernel)
        found = follow_page(vma, address, flags)
        if isinstance(found, Errno):
            raise Ended(found)
        if found is not None:
            return found, vma
        if not left:
            die_if_killed(mm, "fault")
            break
        ret = fault(tsk, mm, vma, address, flags, lets_go)
        if ret & VM_FAULT_RETRY:
            nonblocking.value = 0
            lets_go = False
            if sheet["waits"] == "error":
                raise Ended(Errno.EAGAIN)
            mm.mmap_sem.down_read()
            vma = region_of(mm, address, gup_flags)
        if ret & VM_FAULT_WRITE and not vma.vm_flags & VM_WRITE:
            flags = FOLL(int(flags) & ~int(FOLL.WRITE))
    raise Ended(Errno.EBUSY)


def __get_user_pages(tsk, mm, start, nr_pages, gup_flags, pages, vmas, nonblocking):
    most = min(max(nr_pages, 0), sheet["batch"])
    addresses = [start + n * PAGE_SIZE for n in range(most)]
    got, error = [], None
    try:
        if sheet["checked"] == "ahead":
            for address in addresses:
                region_of(mm, address, gup_flags)
        for address in addresses:
            if got:
                die_if_killed(mm, "after")
            got.append(one_page(tsk, mm, address, gup_flags, nonblocking))
    except Ended as end:
        (error,) = end.args
    if error and sheet["ends"] == "undo":
        for page, _ in got:
            if pages is not None:
                put_page(page)
        return error
    for i, (page, vma) in enumerate(got):
        if pages is not None:
            pages[i] = page
        if vmas is not None:
            vmas[i] = vma
    if error and got and pages is not None:
        pages[len(got)] = error
    return len(got) or error or 0
