"""Two loops, as in Linux: over the regions, and over the pages of one; a region is found and tested once."""


def __get_user_pages(tsk, mm, start, nr_pages, gup_flags, pages, vmas, nonblocking):
    total, came, address = min(nr_pages, sheet["batch"]), 0, start
    if total <= 0:
        return 0
    runs = mm.kernel.running_task

    def good(vma):
        if not vma or vma.vm_flags & VM_IO or vma.vm_flags & VM_PFNMAP:
            return False
        if sheet["force"] == "other":
            helped = runs().mm is not mm
        else:
            helped = not vma.vm_flags & VM_SHARED and not vma.vm_flags & VM_MAYSHARE
        wanted = (VM_READ, VM_MAYREAD, VM_WRITE, VM_MAYWRITE)
        forced = bool(helped and gup_flags & FOLL.FORCE)
        return bool(vma.vm_flags & wanted[2 * bool(gup_flags & FOLL.WRITE) + forced])

    def gave_up(error):
        if sheet["ends"] == "note":
            if came and pages is not None:
                pages[came] = error
            return came if came else error
        if pages is not None:
            for page in pages[:came]:
                put_page(page)
            pages[:came] = [None] * came
        if vmas is not None:
            vmas[:came] = [None] * came
        return error

    if sheet["checked"] == "ahead":
        ahead = address
        while ahead < start + total * PAGE_SIZE:
            vma = find_extend_vma(mm, ahead)
            if not good(vma):
                return Errno.EFAULT
            ahead += PAGE_SIZE
    while came < total:
        vma = find_extend_vma(mm, address)
        if not good(vma):
            return gave_up(Errno.EFAULT)
        while came < total and address < vma.vm_end:
            flags, faults, lets_go = gup_flags, 0, nonblocking is not None
            cond_resched(mm.kernel)
            page = follow_page(vma, address, flags)
            while page is None:
                if sheet["killed"] == "fault" and fatal_signal_pending(runs()):
                    return gave_up(Errno.ERESTARTSYS)
                if faults >= sheet["most"]:
                    return gave_up(Errno.EBUSY)
                asked = FAULT_FLAG_WRITE if flags & FOLL.WRITE else 0
                ret = handle_mm_fault(mm, vma, address, asked + (FAULT_FLAG_ALLOW_RETRY if lets_go else 0))
                faults += 1
                if ret & VM_FAULT_OOM:
                    return gave_up(Errno.ENOMEM)
                if ret & VM_FAULT_ERROR:
                    return gave_up(Errno.EFAULT)
                charge_fault(tsk, ret)
                if ret & VM_FAULT_RETRY:
                    nonblocking.value, lets_go = 0, False
                    if sheet["waits"] == "error":
                        return gave_up(Errno.EAGAIN)
                    mm.mmap_sem.down_read()
                    vma = find_extend_vma(mm, address)
                    if not good(vma):
                        return gave_up(Errno.EFAULT)
                elif ret & VM_FAULT_WRITE and not vma.vm_flags & VM_WRITE:
                    flags = flags & ~FOLL.WRITE
                cond_resched(mm.kernel)
                page = follow_page(vma, address, flags)
            if type(page) is Errno:
                return gave_up(page)
            if pages is not None:
                pages[came] = page
            if vmas is not None:
                vmas[came] = vma
            came += 1
            address += PAGE_SIZE
            if sheet["killed"] == "after" and came < total and fatal_signal_pending(runs()):
                return gave_up(Errno.ERESTARTSYS)
    return came
