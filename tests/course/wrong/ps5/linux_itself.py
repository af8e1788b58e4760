"""Linux's own rules, as sheet.solution shows them: the sheet was not read."""
# loses: rights range arrays partial fault signal wait


# The kernel's own rule (2.6.39; huge pages, FOLL_MLOCK, FOLL_NOWAIT and the vsyscall page left out).
def __get_user_pages(tsk, mm, start, nr_pages, gup_flags, pages, vmas, nonblocking):
    if nr_pages <= 0:
        return 0
    kernel, i = mm.kernel, 0
    if gup_flags & FOLL.FORCE:                       # what mprotect could allow, not what is
        right = VM_MAYWRITE if gup_flags & FOLL.WRITE else VM_MAYREAD
    else:
        right = VM_WRITE if gup_flags & FOLL.WRITE else VM_READ
    while i < nr_pages:
        vma = find_extend_vma(mm, start)
        if vma is None or vma.vm_flags & (VM_IO | VM_PFNMAP) or not vma.vm_flags & right:
            return i or Errno.EFAULT                 # whoever has pages does not get the error
        while i < nr_pages and start < vma.vm_end:   # once for each region: mmap_sem is held
            if fatal_signal_pending(kernel.running_task()):
                return i or Errno.ERESTARTSYS        # the running task's, whatever tsk is
            foll_flags = gup_flags                   # anew for each page: see below
            cond_resched(kernel)
            page = follow_page(vma, start, foll_flags)
            while page is None:                      # not there, or not good enough for writing
                fault_flags = FAULT_FLAG_WRITE if foll_flags & FOLL.WRITE else 0
                if nonblocking is not None:
                    fault_flags |= FAULT_FLAG_ALLOW_RETRY
                ret = handle_mm_fault(mm, vma, start, fault_flags)
                if ret & VM_FAULT_ERROR:             # a fault that failed is not counted
                    return i or (Errno.ENOMEM if ret & VM_FAULT_OOM else Errno.EFAULT)
                charge_fault(tsk, ret)
                if ret & VM_FAULT_RETRY:             # mmap_sem is gone, and vma with it
                    if nonblocking is not None:
                        nonblocking.value = 0
                    return i
                if ret & VM_FAULT_WRITE and not vma.vm_flags & VM_WRITE:
                    foll_flags &= ~FOLL.WRITE        # the copy is made; the entry stays read-only, so look as a reader
                cond_resched(kernel)
                page = follow_page(vma, start, foll_flags)
            if isinstance(page, Errno):              # there is memory, but no page of it to give
                return i or page
            if pages is not None:
                pages[i] = page
            if vmas is not None:
                vmas[i] = vma
            i += 1
            start += PAGE_SIZE
    return i
