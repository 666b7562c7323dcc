"""Settings of terminals, of which a component has none: all functions raise `termios.error`, as on any file that is not a terminal."""

import errno as _errno
import os as _os


class error(Exception):
    """A descriptor is not a terminal."""


# The numbers of Linux; nobody else looks at them.
IGNBRK, BRKINT, IGNPAR, PARMRK, INPCK, ISTRIP, INLCR, IGNCR, ICRNL, IUCLC = (1 << bit for bit in range(10))
IXON, IXANY, IXOFF, IMAXBEL, IUTF8 = (1 << bit for bit in range(10, 15))
OPOST, OLCUC, ONLCR, OCRNL, ONOCR, ONLRET, OFILL, OFDEL = (1 << bit for bit in range(8))
NLDLY, CRDLY, TABDLY, BSDLY, VTDLY, FFDLY = 0o400, 0o3000, 0o14000, 0o20000, 0o40000, 0o100000
ISIG, ICANON, XCASE, ECHO, ECHOE, ECHOK, ECHONL, NOFLSH, TOSTOP, ECHOCTL, ECHOPRT, ECHOKE, FLUSHO = (1 << bit for bit in range(13))
PENDIN, IEXTEN = 0o40000, 0o100000
CSIZE, CS5, CS6, CS7, CS8 = 0o60, 0o0, 0o20, 0o40, 0o60
CSTOPB, CREAD, PARENB, PARODD, HUPCL, CLOCAL, CRTSCTS = 0o100, 0o200, 0o400, 0o1000, 0o2000, 0o4000, 0o20000000000
VINTR, VQUIT, VERASE, VKILL, VEOF, VTIME, VMIN, VSWTC, VSTART, VSTOP, VSUSP, VEOL, VREPRINT, VDISCARD, VWERASE, VLNEXT, VEOL2 = range(17)
NCCS = 32
TCSANOW, TCSADRAIN, TCSAFLUSH = range(3)
TCIFLUSH, TCOFLUSH, TCIOFLUSH = range(3)
TCOOFF, TCOON, TCIOFF, TCION = range(4)
B0, B50, B75, B110, B134, B150, B200, B300, B600, B1200, B1800, B2400, B4800, B9600, B19200, B38400 = range(16)
B57600, B115200, B230400, B460800 = range(0o10001, 0o10005)
TIOCGWINSZ, TIOCSWINSZ, TIOCSTI, TIOCGPGRP, TIOCSPGRP, FIONREAD = 0x5413, 0x5414, 0x5412, 0x540F, 0x5410, 0x541B


def _not_a_terminal(fd, /, *settings):
    _os.fstat(fd if isinstance(fd, int) else fd.fileno())
    raise error(_errno.ENOTTY, "a component has no terminal")


tcgetattr = tcsetattr = tcsendbreak = tcdrain = tcflush = tcflow = tcgetwinsize = tcsetwinsize = _not_a_terminal
