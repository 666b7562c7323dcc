"""Facts about single modules that no bytecode shows. Reserved for the runtime, and gone at run time."""

import sys

# Codecs that the interpreter finds by name.
ENCODINGS = (
    "ascii base64_codec charmap cp1250 cp1251 cp1252 cp437 hex_codec idna iso8859_1 iso8859_15 iso8859_2 latin_1 punycode "
    "raw_unicode_escape unicode_escape utf_16 utf_16_be utf_16_le utf_32 utf_32_be utf_32_le utf_8_sig"
).split()
# Taken if the application asks, or if a module that it asks for needs them, but not because some function could.
UNLIKELY = frozenset("argparse asyncio ctypes ftplib http multiprocessing optparse ssl subprocess tracemalloc xmlrpc".split())
# Pure Python stand-ins for C modules that the guest has.
STAND_INS = frozenset("_py_abc _pydatetime _pydecimal _pyio _pylong".split())
# Imported whenever the module on the left is: from C, which no bytecode shows, by computed names, or by importlib's loaders.
UNNAMED = {
    "_codecs_hk": ["_codecs_tw"],
    "_codecs_iso2022": ["_codecs_cn", "_codecs_jp", "_codecs_kr"],
    "_ctypes": ["ctypes._layout"],
    "_decimal": ["collections", "numbers"],
    "_elementtree": ["copy", "pyexpat", "xml.etree.ElementPath"],
    "_pickle": ["_compat_pickle", "copyreg", "functools"],
    "_socket": ["encodings.idna"],
    "_sqlite3": ["functools"],
    "_zoneinfo": ["weakref", "zoneinfo._common", "zoneinfo._tzpath"],
    "datetime": ["_strptime"],
    "dbm": ["dbm.dumb", "dbm.sqlite3"],
    "importlib.resources": ["importlib.readers"],
    # Its extension `numpy.random.bit_generator` keeps names compressed, as Cython does.
    "numpy": ["secrets"],
    "sysconfig": [f"_sysconfigdata_{sys.abiflags}_{sys.platform}_{getattr(sys.implementation, '_multiarch', '')}"],
    "time": ["_strptime"],
    "xml.dom.domreg": ["xml.dom.minidom"],
    "xml.sax": ["xml.sax.expatreader"],
    "builtins": ["traceback", "warnings", *(f"encodings.{name}" for name in ENCODINGS)],
}
# Packages that the module on the left searches by computed names, if they are installed.
LOOKED_INTO = {"zoneinfo": "tzdata"}
# Code made from text may import these; they have no Python module around them.
BARE = ("array", "cmath", "unicodedata")
