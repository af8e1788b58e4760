"""Whatever could be joined anywhere is joined."""
# loses: join


def join(mm, vma):
    for i in reversed(range(1, len(mm.mmap))):
        if alike(mm.mmap[i - 1], mm.mmap[i]):
            mm.mmap[i - 1].vm_end = mm.mmap.pop(i).vm_end
