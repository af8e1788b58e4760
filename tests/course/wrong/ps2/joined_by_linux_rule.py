"""Joined as Linux does it: rule 7 was not read."""
# loses: join


def alike(low, high):
    if low.vm_end != high.vm_start or low.vm_flags != high.vm_flags or low.vm_file is not high.vm_file:
        return False
    if high.vm_pgoff - low.vm_pgoff != (high.vm_start - low.vm_start) // sheet["page"]:
        return False
    return True
