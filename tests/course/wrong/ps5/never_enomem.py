"""Every fault that fails is -EFAULT."""
# loses: partial


def __get_user_pages(tsk, mm, start, nr_pages, gup_flags, pages, vmas, nonblocking):
    if nr_pages <= 0:
        return 0
    kernel = mm.kernel
    nr_pages = min(nr_pages, sheet["batch"])

    def allowed(vma):
        if vma is None or vma.vm_flags & (VM_IO | VM_PFNMAP):
            return False
        force = bool(gup_flags & FOLL.FORCE)
        if sheet["force"] == "private" and vma.vm_flags & (VM_SHARED | VM_MAYSHARE):
            force = False
        if sheet["force"] == "other" and kernel.running_task().mm is mm:
            force = False
        if gup_flags & FOLL.WRITE:
            return bool(vma.vm_flags & (VM_MAYWRITE if force else VM_WRITE))
        return bool(vma.vm_flags & (VM_MAYREAD if force else VM_READ))

    def end(count, error):
        if sheet["ends"] == "note":
            if count == 0:
                return error
            if pages is not None:
                pages[count] = error
            return count
        for i in range(count):
            if pages is not None:
                put_page(pages[i])
                pages[i] = None
            if vmas is not None:
                vmas[i] = None
        return error

    if sheet["checked"] == "ahead":
        for i in range(nr_pages):
            if not allowed(find_extend_vma(mm, start + i * PAGE_SIZE)):
                return Errno.EFAULT
    for i in range(nr_pages):
        address = start + i * PAGE_SIZE
        vma = find_extend_vma(mm, address)
        if not allowed(vma):
            return end(i, Errno.EFAULT)
        flags = gup_flags
        faults = 0
        may_wait = nonblocking is not None
        while True:
            cond_resched(kernel)
            page = follow_page(vma, address, flags)
            if isinstance(page, Errno):
                return end(i, page)
            if page is not None:
                break
            if sheet["killed"] == "fault" and fatal_signal_pending(kernel.running_task()):
                return end(i, Errno.ERESTARTSYS)
            if faults == sheet["most"]:
                return end(i, Errno.EBUSY)
            faults += 1
            fault_flags = 0
            if flags & FOLL.WRITE:
                fault_flags |= FAULT_FLAG_WRITE
            if may_wait:
                fault_flags |= FAULT_FLAG_ALLOW_RETRY
            ret = handle_mm_fault(mm, vma, address, fault_flags)
            if ret & VM_FAULT_ERROR:
                return end(i, Errno.EFAULT)
            charge_fault(tsk, ret)
            if ret & VM_FAULT_RETRY:
                nonblocking.value = 0
                if sheet["waits"] == "error":
                    return end(i, Errno.EAGAIN)
                mm.mmap_sem.down_read()
                vma = find_extend_vma(mm, address)
                if not allowed(vma):
                    return end(i, Errno.EFAULT)
                may_wait = False
                continue
            if ret & VM_FAULT_WRITE and not vma.vm_flags & VM_WRITE:
                flags = flags & ~FOLL.WRITE
        if pages is not None:
            pages[i] = page
        if vmas is not None:
            vmas[i] = vma
        if sheet["killed"] == "after" and i + 1 < nr_pages and fatal_signal_pending(kernel.running_task()):
            return end(i + 1, Errno.ERESTARTSYS)
    return nr_pages
