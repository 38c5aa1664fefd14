"""Memory of arrays: what one frees, the next one takes."""

from __future__ import annotations

import ctypes

# Names of glibc's malloc.h.
_M_TRIM_THRESHOLD, _M_MMAP_THRESHOLD = -1, -3
# The largest that glibc takes; and how much may lie unused before it goes back.
_ARRAY_BYTES, _KEPT_BYTES = 32 * 2**20, 512 * 2**20


def keep_memory() -> None:
    """Let this process and those that it forks keep the memory of arrays that are gone.

    Otherwise each large array takes pages of the kernel's and gives them back, a seventh of the simulator's time. Where
    the C library is another than glibc, nothing is changed.
    """
    mallopt = getattr(ctypes.CDLL(None), "mallopt", None)
    if mallopt:
        mallopt(_M_MMAP_THRESHOLD, _ARRAY_BYTES)
        mallopt(_M_TRIM_THRESHOLD, _KEPT_BYTES)
