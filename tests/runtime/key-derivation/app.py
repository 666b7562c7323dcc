"""`hashlib.pbkdf2_hmac` and `hashlib.scrypt`, against the RFCs' examples and against `hmac`; and what hashlib says of names."""

import hashlib
import hmac
import random

import wit_world

# RFC 6070: password, salt, iterations, length, key (SHA-1).
RFC_6070 = [
    (b"password", b"salt", 1, 20, "0c60c80f961f0e71f3a9b524af6012062fe037a6"),
    (b"password", b"salt", 2, 20, "ea6c014dc72d6f8ccd1ed92ace1d41f0d8de8957"),
    (b"password", b"salt", 4096, 20, "4b007901b765489abead49d926f721d065a429c1"),
    (b"passwordPASSWORDpassword", b"saltSALTsaltSALTsaltSALTsaltSALTsalt", 4096, 25, "3d2eec4fe41c849b80c8d83662c0e44a8b291a964cf2f07038"),
    (b"pass\0word", b"sa\0lt", 4096, 16, "56fa6aa75548099dcc37d7f03425e0c3"),
]
# RFC 7914, section 11: the same with SHA-256.
RFC_7914_PBKDF2 = [
    (b"passwd", b"salt", 1, "55ac046e56e3089fec1691c22544b605f94185216dde0465e68b9d57c20dacbc"
     "49ca9cccf179b645991664b39d77ef317c71b845b1e30bd509112041d3a19783"),
    (b"Password", b"NaCl", 80000, "4ddcd8f60b98be21830cee5ef22701f9641a4418d04c0414aeff08876b34ab56"
     "a1d425a1225833549adb841b51c9b3176a272bdebba1d078478f62b397f33c8d"),
]
# RFC 7914, section 12: password, salt, n, r, p, key.
RFC_7914 = [
    (b"", b"", 16, 1, 1, "77d6576238657b203b19ca42c18a0497f16b4844e3074ae8dfdffa3fede21442"
     "fcd0069ded0948f8326a753a0fc81f17e8d3e0fb2e0d3628cf35e20c38d18906"),
    (b"password", b"NaCl", 1024, 8, 16, "fdbabe1c9d3472007856e7190d01e9fe7c6ad7cbc8237830e77376634b373162"
     "2eaf30d92e22a3886ff109279d9830dac727afb94a83ee6d8360cbdfa2cc0640"),
    (b"pleaseletmein", b"SodiumChloride", 16384, 8, 1, "7023bdcb3afd7348461c06cd81fd38ebfda8fbba904f8e3ea9b543f6545da1f2"
     "d5432955613f0fcf62d49705242a9af9e61e85dc0d651e40dfcf017b45575887"),
]
NAMES = ("md5", "sha1", "sha224", "sha256", "sha384", "sha512", "sha3_224", "sha3_256", "sha3_384", "sha3_512", "blake2b", "blake2s")


def rfc_6070() -> None:
    for password, salt, iterations, length, key in RFC_6070:
        found = hashlib.pbkdf2_hmac("sha1", password, salt, iterations, length).hex()
        assert found == key, found


def rfc_7914() -> None:
    for password, salt, iterations, key in RFC_7914_PBKDF2:
        assert hashlib.pbkdf2_hmac("sha256", password, salt, iterations, 64).hex() == key
    for password, salt, n, r, p, key in RFC_7914:
        assert hashlib.scrypt(password, salt=salt, n=n, r=r, p=p).hex() == key


def by_hmac(name: str, password: bytes, salt: bytes, iterations: int, length: int) -> bytes:
    """PBKDF2 as RFC 8018 says it."""
    key = b""
    number = 0
    while len(key) < length:
        number += 1
        last = hmac.digest(password, salt + number.to_bytes(4), name)
        total = int.from_bytes(last)
        for _ in range(iterations - 1):
            last = hmac.digest(password, last, name)
            total ^= int.from_bytes(last)
        key += total.to_bytes(len(last))
    return key[:length]


def all_digests() -> None:
    """Passwords around the sizes of blocks, random ones, and lengths of keys around those of digests."""
    numbers = random.Random(20)
    for name in NAMES:
        block, digest = hashlib.new(name).block_size, hashlib.new(name).digest_size
        for size in (0, 1, block - 1, block, block + 1, 3 * block, numbers.randrange(500)):
            password, salt = numbers.randbytes(size), numbers.randbytes(numbers.randrange(200))
            for iterations in (1, 2, numbers.randrange(3, 20)):
                for length in (1, digest - 1, digest, digest + 1, numbers.randrange(1, 300)):
                    found = hashlib.pbkdf2_hmac(name, password, salt, iterations, length)
                    assert found == by_hmac(name, password, salt, iterations, length), (name, size, iterations, length)


def small_scrypt() -> None:
    """Block mixing with every `r` of a few: against a second implementation, in Python."""
    numbers = random.Random(7)
    for r in (1, 2, 3, 5):
        for p in (1, 2):
            for n in (2, 4, 16):
                password, salt = numbers.randbytes(numbers.randrange(90)), numbers.randbytes(numbers.randrange(90))
                blocks = hashlib.pbkdf2_hmac("sha256", password, salt, 1, p * 128 * r)
                mixed = b"".join(mix(blocks[i * 128 * r : (i + 1) * 128 * r], n, r) for i in range(p))
                expected = hashlib.pbkdf2_hmac("sha256", password, mixed, 1, 40)
                assert hashlib.scrypt(password, salt=salt, n=n, r=r, p=p, dklen=40) == expected, (n, r, p)


def salsa(words: list[int]) -> list[int]:
    x = list(words)
    columns = ((0, 4, 8, 12), (5, 9, 13, 1), (10, 14, 2, 6), (15, 3, 7, 11))
    rows = ((0, 1, 2, 3), (5, 6, 7, 4), (10, 11, 8, 9), (15, 12, 13, 14))
    for _ in range(4):
        for a, b, c, d in columns + rows:
            for to, one, other, bits in ((b, a, d, 7), (c, b, a, 9), (d, c, b, 13), (a, d, c, 18)):
                total = (x[one] + x[other]) & 0xFFFFFFFF
                x[to] ^= (total << bits | total >> (32 - bits)) & 0xFFFFFFFF
    return [(one + other) & 0xFFFFFFFF for one, other in zip(x, words)]


def mix(block: bytes, n: int, r: int) -> bytes:
    def blocks(words: list[int]) -> list[int]:
        x = words[-16:]
        made = []
        for i in range(2 * r):
            x = salsa([one ^ other for one, other in zip(x, words[i * 16 : i * 16 + 16])])
            made.append(x)
        return [word for part in made[::2] + made[1::2] for word in part]

    x = [int.from_bytes(block[i : i + 4], "little") for i in range(0, len(block), 4)]
    table = []
    for _ in range(n):
        table.append(x)
        x = blocks(x)
    for _ in range(n):
        x = blocks([one ^ other for one, other in zip(x, table[x[-16] % n])])
    return b"".join(word.to_bytes(4, "little") for word in x)


def buffers() -> None:
    import array

    password, salt = array.array("I", [1, 2, 3]), memoryview(bytearray(b"salt and more"))[::1]
    expected = hashlib.pbkdf2_hmac("sha512", bytes(password), bytes(salt), 3)
    assert hashlib.pbkdf2_hmac("sha512", password, salt, 3) == expected
    assert hashlib.pbkdf2_hmac(hash_name="sha512", password=password, salt=salt, iterations=3, dklen=None) == expected
    assert "pbkdf2_hmac" in hashlib.__all__
    assert not hashlib.algorithms_guaranteed - set(hashlib.algorithms_available)
    for name in hashlib.algorithms_available:
        hashlib.new(name, b"data")


CHECKS = {check.__name__: check for check in (rfc_6070, rfc_7914, all_digests, small_scrypt, buffers)}


class WitWorld(wit_world.WitWorld):
    def check(self, what: str) -> str:
        CHECKS[what.replace("-", "_")]()
        return "ok"

    def run(self, source: str) -> str:
        try:
            return repr(eval(source))
        except Exception as error:
            return f"{type(error).__name__}: {error}"
