"""None wherever nobody holds the address: a neighbour is no answer."""
# loses: find find-edge grow grow-limit grow-gap


def find_vma(mm, address):
    for vma in mm.mmap:
        if vma.vm_start <= address < vma.vm_end:
            return vma
    return None
