"""argon2-cffi: passwords with the settings that it chooses, hashes of others, and errors."""

from argon2 import PasswordHasher, exceptions, extract_parameters, profiles


def test_default_settings():
    hasher = PasswordHasher()
    hashed = hasher.hash("schöner Gruß")
    assert hasher.verify(hashed, "schöner Gruß") and not hasher.check_needs_rehash(hashed)
    # Components have no threads, and the package knows.
    assert extract_parameters(hashed).parallelism == 1


def test_hashes_of_others():
    foreign = "$argon2i$v=19$m=65536,t=2,p=1$c29tZXNhbHQ$wWKIMhR9lyDFvRz9YTZweHKfbftvj+qf+YFY4NeBbtA"
    assert PasswordHasher().verify(foreign, "password") and PasswordHasher().check_needs_rehash(foreign)


def test_errors():
    hasher = PasswordHasher(time_cost=1, memory_cost=1024)
    for kind, hashed in ((exceptions.VerifyMismatchError, hasher.hash("right")), (exceptions.InvalidHashError, "no hash")):
        try:
            hasher.verify(hashed, "wrong")
        except kind:
            pass
        else:
            raise AssertionError(kind)
    try:
        PasswordHasher.from_parameters(profiles.RFC_9106_LOW_MEMORY)
    except exceptions.UnsupportedParametersError:
        return
    raise AssertionError("four lanes at a time are accepted")
