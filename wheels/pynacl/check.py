"""PyNaCl: known results from RFCs and NaCl's own vectors, boxes, signatures, hashes of passwords, and random numbers."""

import nacl._sodium
from nacl import exceptions, hash, pwhash, secret, signing, utils
from nacl.bindings import crypto_aead_chacha20poly1305_ietf_encrypt, crypto_scalarmult
from nacl.encoding import HexEncoder
from nacl.public import Box, PrivateKey, PublicKey, SealedBox

ALICE = "77076d0a7318a57d3c16c17251b26645df4c2f87ebc0992ab177fba51db92c2a"
BOB = "de9edb7d7b7dc1b4d35b61c2ece435373f8343c85b78674dadfc7e146f882b4f"
SHARED = "4a5d9d5ba4ce2de1728e3bf480350f25e07e21c947d19e3376f09b3c1e161742"


def raises(kind, function, *arguments):
    try:
        function(*arguments)
    except kind:
        return
    raise AssertionError(f"no {kind.__name__}")


def test_the_extension_is_native():
    assert nacl._sodium.__file__.endswith(".so")


def test_signatures():
    # RFC 8032, 7.1, test 2.
    key = signing.SigningKey("4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb", HexEncoder)
    assert key.verify_key.encode(HexEncoder) == b"3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c"
    signed = key.sign(b"\x72")
    assert signed.signature.hex() == (
        "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da"
        "085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00"
    )
    assert key.verify_key.verify(signed) == b"\x72"
    raises(exceptions.BadSignatureError, key.verify_key.verify, b"\x73", signed.signature)


def test_boxes():
    # RFC 7748, 6.1.
    alice, bob = PrivateKey(ALICE, HexEncoder), PublicKey(BOB, HexEncoder)
    assert crypto_scalarmult(bytes(alice), bytes(bob)).hex() == SHARED
    nonce = bytes.fromhex("69696ee955b62b73cd62bda875fc73d68219e0036b7a0b37")
    sealed = Box(alice, bob).encrypt(bytes.fromhex("be075fc53c81f2d5cf141316ebeb0c7b"), nonce)
    assert sealed.nonce == nonce and sealed.ciphertext[16:].hex() == "8e993b9f48681273c29650ba32fc76ce"
    eve = PrivateKey.generate()
    raises(exceptions.CryptoError, Box(eve, alice.public_key).decrypt, sealed)
    letter = SealedBox(eve.public_key).encrypt(b"hello")
    assert SealedBox(eve).decrypt(letter) == b"hello"


def test_secret_boxes():
    box = secret.SecretBox(bytes(range(32)))
    sealed = box.encrypt(b"attack at dawn", bytes(24))
    assert box.decrypt(sealed) == b"attack at dawn"
    raises(exceptions.CryptoError, box.decrypt, sealed[:-1] + bytes([sealed[-1] ^ 1]))
    # RFC 8439, 2.8.2.
    text = b"Ladies and Gentlemen of the class of '99: If I could offer you only one tip for the future, sunscreen would be it."
    key, nonce = bytes(range(0x80, 0xA0)), bytes.fromhex("070000004041424344454647")
    sealed = crypto_aead_chacha20poly1305_ietf_encrypt(text, bytes.fromhex("50515253c0c1c2c3c4c5c6c7"), nonce, key)
    assert sealed[-16:].hex() == "1ae10b594f09e26a7e902ecbd0600691"


def test_hashes():
    assert hash.sha256(b"abc") == b"ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
    assert hash.blake2b(b"abc") == b"bddd813c634239723171ef3fee98579b94964e3bb1cb3e427262c8c068d52319"
    assert hash.siphash24(bytes(range(15)), bytes(range(16))) == b"e545be4961ca29a1"


def test_passwords():
    hashed = pwhash.argon2id.str(b"password", opslimit=1, memlimit=8192)
    assert hashed.startswith(b"$argon2id$v=19$m=8,t=1,p=1$") and pwhash.verify(hashed, b"password")
    raises(exceptions.InvalidkeyError, pwhash.verify, hashed, b"passwort")
    # Results of another build.
    assert pwhash.argon2id.kdf(16, b"password", b"0" * 16, 1, 8192).hex() == "4396da35ebff4d3732c6fc287ded656a"
    key = pwhash.kdf_scryptsalsa208sha256(16, b"password", b"0" * 32, opslimit=32768, memlimit=2**24)
    assert key.hex() == "c7b424f355d5e91eec17c4e84a020b53"


def test_random_numbers():
    drawn = {utils.random(32) for _ in range(50)} | {bytes(PrivateKey.generate()) for _ in range(50)}
    assert len(drawn) == 100
    assert utils.randombytes_deterministic(8, bytes(range(32))).hex() == "0d8e6cc687156489"
