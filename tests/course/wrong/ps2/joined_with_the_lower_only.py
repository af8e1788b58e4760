"""Nobody looks at the region above."""
# loses: join


def join(mm, vma):
    i = mm.mmap.index(vma)
    if i and alike(mm.mmap[i - 1], vma):
        mm.mmap[i - 1].vm_end = mm.mmap.pop(i).vm_end
