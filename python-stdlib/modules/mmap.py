"""Files in memory, by reading them: a component cannot map anything.

A map is a copy. With `flush` and `close`, the blocks that have changed go back to the file; changes of the file by others are not
seen.
"""

import errno as _errno
import os as _os
from operator import index as _index

error = OSError
ACCESS_DEFAULT, ACCESS_READ, ACCESS_WRITE, ACCESS_COPY = range(4)
MAP_SHARED, MAP_PRIVATE, MAP_ANON = 1, 2, 32
MAP_ANONYMOUS, MAP_POPULATE, MAP_NORESERVE = MAP_ANON, 0x8000, 0x4000
PROT_READ, PROT_WRITE, PROT_EXEC = 1, 2, 4
MADV_NORMAL, MADV_RANDOM, MADV_SEQUENTIAL, MADV_WILLNEED, MADV_DONTNEED = range(5)
PAGESIZE = ALLOCATIONGRANULARITY = 65536
_BLOCK = 4096
_LARGEST = (1 << 31) - 1


def _access(flags, prot, access):
    """The way of access that `repr` shows, and what may be done with the content."""
    if access == ACCESS_DEFAULT:
        if not prot & PROT_WRITE:
            return ACCESS_READ, ACCESS_READ
        shown = ACCESS_DEFAULT if prot & PROT_READ else ACCESS_WRITE
        return shown, ACCESS_COPY if flags & MAP_PRIVATE else ACCESS_WRITE
    if flags != MAP_SHARED or prot != PROT_READ | PROT_WRITE:
        raise ValueError("mmap can't specify both access and flags, prot.")
    if access not in (ACCESS_READ, ACCESS_WRITE, ACCESS_COPY):
        raise ValueError("mmap invalid access parameter.")
    return access, access


def _place(value):
    """The argument of `slice`, which may be left out."""
    return None if value is None else _index(value)


class mmap:
    """The bytes of a file, or of none (`fileno` -1)."""

    def __new__(
        cls, fileno, length, flags=MAP_SHARED, prot=PROT_READ | PROT_WRITE, access=ACCESS_DEFAULT, offset=0, *, trackfd=True
    ):
        fileno, length, flags, prot, access, offset = map(_index, (fileno, length, flags, prot, access, offset))
        if length < 0:
            raise OverflowError("memory mapped length must be positive")
        if offset < 0:
            raise OverflowError("memory mapped offset must be positive")
        if offset % ALLOCATIONGRANULARITY:
            raise OSError(_errno.EINVAL, "mmap offset must be a multiple of mmap.ALLOCATIONGRANULARITY")
        self = super().__new__(cls)
        self._shown, self._mode = _access(flags, prot, access)
        self._at, self._offset, self._file = 0, offset, -1
        self._tracks = bool(trackfd)  # else the file's size is neither told nor changed
        self._before = None  # the content in the file, once this one may be another
        if fileno == -1 or flags & MAP_ANON:
            if not length:
                raise OSError(_errno.EINVAL, "Invalid argument")
            self._data = bytearray(length)
        else:
            self._data = self._read(fileno, length)
            if self._mode == ACCESS_WRITE:
                self._file = _os.dup(fileno)
        return self

    def _read(self, fileno, length):
        size = _os.fstat(fileno).st_size
        if not length:
            if not size:
                raise ValueError("cannot mmap an empty file")
            if self._offset >= size:
                raise ValueError("mmap offset is greater than file size")
            length = size - self._offset
        elif self._offset + length > size:
            raise ValueError("mmap length is greater than file size")
        data = bytearray()
        while len(data) < length:
            part = _os.pread(fileno, min(length - len(data), 1 << 20), self._offset + len(data))
            if not part:
                data.extend(bytes(length - len(data)))
            data += part
        return data

    def _bytes(self):
        if self._data is None:
            raise ValueError("mmap closed or invalid")
        return self._data

    def _writable(self):
        data = self._bytes()
        self._refuse_readonly()
        self._remember()
        return data

    def _refuse_readonly(self):
        if self._mode == ACCESS_READ:
            raise TypeError("mmap can't modify a readonly memory map.")

    def _remember(self):
        if self._file != -1 and self._before is None:
            self._before = bytes(self._data)

    def __buffer__(self, flags, /):
        view = memoryview(self._bytes())
        if self._mode == ACCESS_READ:
            return view.toreadonly()
        # Nobody tells when a view is written to.
        self._remember()
        return view

    def __len__(self):
        return len(self._bytes())

    # Arguments are turned into numbers first: that may run code, which may close the map.

    def _within(self, place):
        if not -len(self) <= place < len(self):
            raise IndexError("mmap index out of range")
        return place

    def __getitem__(self, key):
        self._bytes()
        if isinstance(key, slice):
            places = slice(_place(key.start), _place(key.stop), _place(key.step))
            return bytes(self._bytes()[places])
        place = _index(key)
        return self._bytes()[self._within(place)]

    def __setitem__(self, key, value):
        self._bytes()
        self._refuse_readonly()
        if isinstance(key, slice):
            places = slice(_place(key.start), _place(key.stop), _place(key.step))
            value = bytes(memoryview(value))
            if len(value) != len(range(*places.indices(len(self)))):
                raise IndexError("mmap slice assignment is wrong size")
            self._writable()[places] = value
            return
        place = self._within(_index(key))
        value = _index(value)
        if not 0 <= value < 256:
            raise ValueError("mmap item value must be in range(0, 256)")
        self._writable()[place] = value

    def __iter__(self):
        for place in range(len(self)):
            yield self[place : place + 1]

    def __enter__(self):
        self._bytes()
        return self

    def __exit__(self, *exc_info):
        self.close()

    def __del__(self):
        if getattr(self, "_data", None) is not None:
            self.close()

    def __repr__(self):
        if self._data is None:
            return "<mmap.mmap closed=True>"
        access = ("ACCESS_DEFAULT", "ACCESS_READ", "ACCESS_WRITE", "ACCESS_COPY")[self._shown]
        return f"<mmap.mmap closed=False, access={access}, length={len(self)}, pos={self._at}, offset={self._offset}>"

    @property
    def closed(self):
        return self._data is None

    def close(self):
        if self._data is not None:
            try:
                self.flush()
            finally:
                if self._file != -1:
                    _os.close(self._file)
                self._data, self._before, self._file = None, None, -1

    def flush(self, offset=0, size=None, /):
        offset, size = _index(offset), _place(size)
        data = self._bytes()
        if size is None:
            size = len(data) - offset
        if offset < 0 or size < 0 or offset + size > len(data):
            raise ValueError("flush values out of range")
        if self._before is None:
            return
        for place in range(offset, offset + size, _BLOCK):
            block = bytes(data[place : min(place + _BLOCK, offset + size)])
            if block != self._before[place : place + len(block)]:
                self._write(place, block)
        # Views may still write.
        self._before = bytes(data) if offset == 0 and size == len(data) else self._before

    def _write(self, place, block):
        while block:
            done = _os.pwrite(self._file, block, self._offset + place)
            place, block = place + done, block[done:]

    def find(self, sub, start=None, end=None, /):
        return self._find(bytearray.find, sub, start, end)

    def rfind(self, sub, start=None, end=None, /):
        return self._find(bytearray.rfind, sub, start, end)

    def _find(self, function, sub, start, end):
        self._bytes()
        with memoryview(sub) as wanted:
            start, end = self._at if start is None else _index(start), _place(end)
            return function(self._bytes(), wanted, start, end)

    def madvise(self, option, start=0, length=None, /):
        self._bytes()
        option, start = _index(option), _index(start)
        length = len(self) if length is None else _index(length)
        if not 0 <= start < len(self):
            raise ValueError("madvise start out of bounds")
        if length < 0:
            raise ValueError("madvise length invalid")
        if length > _LARGEST - start:
            raise OverflowError("madvise length too large")

    def move(self, dest, src, count, /):
        self._bytes()
        dest, src, count = _index(dest), _index(src), _index(count)
        data = self._writable()
        if min(dest, src, count) < 0 or max(dest, src) + count > len(data):
            raise ValueError("source, destination, or count out of range")
        data[dest : dest + count] = data[src : src + count]

    def read(self, n=None, /):
        self._bytes()
        n = _place(n)
        data = self._bytes()
        end = len(data) if n is None or n < 0 else min(self._at + n, len(data))
        found = bytes(data[self._at : end])
        self._at += len(found)
        return found

    def read_byte(self):
        if self._at >= len(self):
            raise ValueError("read byte out of range")
        self._at += 1
        return self._data[self._at - 1]

    def readline(self):
        end = self._bytes().find(b"\n", self._at) + 1
        return self.read((end or len(self)) - self._at)

    def resize(self, newsize, /):
        self._bytes()
        newsize = _index(newsize)
        data = self._bytes()
        if self._shown not in (ACCESS_DEFAULT, ACCESS_WRITE):
            raise TypeError("mmap can't resize a readonly or copy-on-write memory map.")
        if not self._tracks:
            raise ValueError("mmap can't resize with trackfd=False.")
        if newsize <= 0:
            raise ValueError("new size out of range")
        if self._file != -1:
            self.flush()
            _os.ftruncate(self._file, self._offset + newsize)
        if newsize < len(data):
            del data[newsize:]
        else:
            data.extend(bytes(newsize - len(data)))
        if self._file != -1:
            self._before = bytes(data)

    def seek(self, pos, whence=0, /):
        self._bytes()
        pos, whence = _index(pos), _index(whence)
        if whence not in (0, 1, 2):
            raise ValueError("unknown seek type")
        place = pos + (0, self._at, len(self))[whence]
        if not 0 <= place <= len(self):
            raise ValueError("seek out of range")
        self._at = place
        return place

    def seekable(self):
        return True

    def size(self):
        self._bytes()
        if not self._tracks:
            raise OSError(_errno.EBADF, "Bad file descriptor")
        return len(self) if self._file == -1 else _os.fstat(self._file).st_size

    def tell(self):
        self._bytes()
        return self._at

    def write(self, data, /):
        self._bytes()
        data = bytes(memoryview(data))
        own = self._writable()
        if self._at + len(data) > len(own):
            raise ValueError("data out of range")
        own[self._at : self._at + len(data)] = data
        self._at += len(data)
        return len(data)

    def write_byte(self, byte, /):
        self._bytes()
        byte = _index(byte)
        if not 0 <= byte < 256:
            raise OverflowError("byte must be in range(0, 256)")
        data = self._writable()
        if self._at >= len(data):
            raise ValueError("write byte out of range")
        data[self._at] = byte
        self._at += 1
