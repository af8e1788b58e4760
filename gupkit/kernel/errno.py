"""Error numbers, as the kernel returns them: negative.

Source: include/asm-generic/errno-base.h and errno.h; ``ERESTARTSYS`` from include/linux/errno.h.
"""

from enum import IntEnum


class Errno(IntEnum):
    """A negative error number that prints as the kernel spells it.

    >>> Errno.EFAULT, int(Errno.EFAULT), Errno.EFAULT < 0
    (-EFAULT, -14, True)
    """

    EPERM = -1
    ENOENT = -2
    ESRCH = -3
    EINTR = -4
    EIO = -5
    ENOEXEC = -8
    EBADF = -9
    EAGAIN = -11
    ENOMEM = -12
    EACCES = -13
    EFAULT = -14
    EBUSY = -16
    EEXIST = -17
    EINVAL = -22
    EMLINK = -31
    ENOSYS = -38
    EOPNOTSUPP = -95
    EHWPOISON = -133
    ERESTARTSYS = -512

    def __repr__(self) -> str:
        return f"-{self.name}"

    __str__ = __repr__
