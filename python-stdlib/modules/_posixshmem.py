"""Memory that processes share, which a component has not: `multiprocessing.shared_memory` imports this."""

import errno as _errno


def shm_open(path, flags, mode=511):
    raise OSError(_errno.ENOTSUP, "a component cannot share memory with other processes: use `bytearray`", path)


def shm_unlink(path, /):
    raise FileNotFoundError(_errno.ENOENT, "No such file or directory", path)
