"""Argon2: known hashes, hashes of passwords by argon2-cffi, and errors."""

import _argon2_cffi_bindings
from _argon2_cffi_bindings import ffi, lib
from argon2 import PasswordHasher, Type, exceptions, low_level

SALT = b"somesalt"


def test_the_extension_is_native():
    assert _argon2_cffi_bindings._ffi.__file__.endswith(".so")
    assert lib.ARGON2_VERSION_NUMBER == 0x13


def test_known_hashes():
    # From the tests of the reference implementation, and RFC 9106.
    hashed = low_level.hash_secret_raw(b"password", SALT, 2, 65536, 1, 32, Type.I)
    assert hashed.hex() == "c1628832147d9720c5bd1cfd61367078729f6dfb6f8fea9ff98158e0d7816ed0"
    hashed = low_level.hash_secret_raw(b"password", SALT, 2, 65536, 1, 32, Type.ID)
    assert hashed.hex() == "09316115d5cf24ed5a15a31a3ba326e5cf32edc24702987c02b6566f61913cf7"


def test_lanes():
    # The test vector of RFC 9106 for Argon2id has four lanes, a secret and additional data.
    context = ffi.new("argon2_context *")
    out, parts = ffi.new("uint8_t[32]"), [ffi.new("uint8_t[]", [n] * size) for n, size in ((1, 32), (2, 16), (3, 8), (4, 12))]
    context.out, context.outlen = out, 32
    context.pwd, context.pwdlen = parts[0], 32
    context.salt, context.saltlen = parts[1], 16
    context.secret, context.secretlen = parts[2], 8
    context.ad, context.adlen = parts[3], 12
    context.t_cost, context.m_cost, context.lanes, context.threads = 3, 32, 4, 4
    context.version = lib.ARGON2_VERSION_NUMBER
    assert lib.argon2_ctx(context, lib.Argon2_id) == lib.ARGON2_OK
    assert bytes(out).hex() == "0d640df58d78766c08c037a34a8b53c9d01ef0452d75b65eb52520e96b01e659"


def test_passwords():
    hasher = PasswordHasher(time_cost=1, memory_cost=1024)
    hashed = hasher.hash("schöner Gruß")
    assert hashed.startswith("$argon2id$v=19$m=1024,t=1,p=1$") and hashed != hasher.hash("schöner Gruß")
    assert hasher.verify(hashed, "schöner Gruß") and not hasher.check_needs_rehash(hashed)
    assert PasswordHasher().check_needs_rehash(hashed)
    foreign = "$argon2i$v=19$m=65536,t=2,p=1$c29tZXNhbHQ$wWKIMhR9lyDFvRz9YTZweHKfbftvj+qf+YFY4NeBbtA"
    assert hasher.verify(foreign, "password")


def test_errors():
    hasher = PasswordHasher(time_cost=1, memory_cost=1024)
    hashed = hasher.hash("right")
    for kind, arguments in (
        (exceptions.VerifyMismatchError, (hashed, "wrong")),
        (exceptions.InvalidHashError, ("no hash", "right")),
    ):
        try:
            hasher.verify(*arguments)
        except kind:
            pass
        else:
            raise AssertionError(arguments)
    try:
        low_level.hash_secret(b"password", b"short", 1, 8, 1, 32, Type.ID)
    except exceptions.HashingError as error:
        assert "Salt is too short" in str(error)
    else:
        raise AssertionError("a short salt is accepted")
