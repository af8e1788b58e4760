"""The next region on the side to which stacks do not grow."""
# loses: find find-edge grow grow-limit grow-gap


def find_vma(mm, address):
    if sheet["grows"] == "up":
        for vma in mm.mmap:
            if address < vma.vm_end:
                return vma
    else:
        for vma in reversed(mm.mmap):
            if vma.vm_start <= address:
                return vma
    return None
