"""Ciphers, hashes, derived keys, signatures and numbers, against published values."""

# A mode loads its library when it is imported, at the latest when it is first used: too late for a component.
from Crypto.Cipher import _mode_cbc, _mode_ccm, _mode_ctr, _mode_eax, _mode_ecb, _mode_gcm, _mode_ocb  # noqa: F401
from Crypto.Cipher import AES, DES3, PKCS1_OAEP, ChaCha20_Poly1305
from Crypto.Hash import BLAKE2b, HMAC, MD4, RIPEMD160, SHA3_256, SHA256, keccak
from Crypto.Math.Numbers import Integer
from Crypto.Protocol.KDF import PBKDF2, scrypt
from Crypto.PublicKey import ECC, RSA
from Crypto.Random import get_random_bytes
from Crypto.Signature import DSS, eddsa, pss
from Crypto.Util.Padding import pad, unpad
from Crypto.Util.number import isPrime
from Crypto.Util.strxor import strxor

KEY = bytes(range(16))
# So is the library of NIST's curves, when one is first used.
assert int(ECC.construct(curve="P-256", d=1).pointQ.x) >> 248 == 0x6B
CURVE_KEY = ECC.construct(curve="Ed25519", seed=bytes.fromhex("9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60"))


def rejects(function, *arguments, **named):
    try:
        function(*arguments, **named)
    except ValueError:
        return True
    return False


def test_blocks():
    data = bytes.fromhex("00112233445566778899aabbccddeeff")
    assert AES.new(KEY, AES.MODE_ECB).encrypt(data).hex() == "69c4e0d86a7b0430d8cdb78070b4c55a"
    packed = AES.new(KEY, AES.MODE_CBC, iv=data).encrypt(pad(b"text", 16))
    assert unpad(AES.new(KEY, AES.MODE_CBC, iv=data).decrypt(packed), 16) == b"text"
    long = bytes(1000)
    stream = AES.new(KEY, AES.MODE_CTR, nonce=b"12345678").encrypt(long)
    assert AES.new(KEY, AES.MODE_CTR, nonce=b"12345678").decrypt(stream) == long != stream
    triple = DES3.new(bytes(range(24)), DES3.MODE_ECB)
    assert triple.decrypt(triple.encrypt(b"8 bytes!")) == b"8 bytes!" and rejects(AES.new, b"short", AES.MODE_ECB)


def test_authenticated():
    # Test case 3 of the proposal of GCM.
    key, nonce = bytes.fromhex("feffe9928665731c6d6a8f9467308308"), bytes.fromhex("cafebabefacedbaddecaf888")
    text = bytes.fromhex(
        "d9313225f88406e5a55909c5aff5269a86a7a9531534f7da2e4c303d8a318a721c3c0c95956809532fcf0e2449a6b525b16aedf5aa0de657ba637b391aafd255"
    )
    packed, tag = AES.new(key, AES.MODE_GCM, nonce=nonce).encrypt_and_digest(text)
    assert packed.hex().startswith("42831ec221777424") and tag.hex() == "4d5c2af327cd64a62cf35abd2ba6fab4"
    for mode in (AES.MODE_GCM, AES.MODE_EAX, AES.MODE_CCM, AES.MODE_OCB):
        packed, tag = AES.new(KEY, mode, nonce=nonce).encrypt_and_digest(text)
        assert AES.new(KEY, mode, nonce=nonce).decrypt_and_verify(packed, tag) == text
        assert rejects(AES.new(KEY, mode, nonce=nonce).decrypt_and_verify, packed, bytes(16))
    sealed, tag = ChaCha20_Poly1305.new(key=KEY * 2, nonce=nonce).encrypt_and_digest(text)
    assert ChaCha20_Poly1305.new(key=KEY * 2, nonce=nonce).decrypt_and_verify(sealed, tag) == text


def test_hashes():
    assert SHA256.new(b"abc").hexdigest() == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
    assert SHA3_256.new(b"").hexdigest() == "a7ffc6f8bf1ed76651c14756a061d662f580ff4de43b49fa82d80a4b80f8434a"
    assert keccak.new(data=b"", digest_bits=256).hexdigest() == "c5d2460186f7233c927e7db2dcc703c0e500b653ca82273b7bfad8045d85a470"
    assert MD4.new(b"abc").hexdigest() == "a448017aaf21d8525fc10ae87aa6729d"
    assert RIPEMD160.new(b"abc").hexdigest() == "8eb208f7e05d987a9b044a8e98c6b087f15a0bfc"
    assert BLAKE2b.new(data=b"abc", digest_bits=512).hexdigest().startswith("ba80a53f981c4d0d6a2797b69f12f6e9")
    assert HMAC.new(b"key", b"The quick brown fox jumps over the lazy dog", SHA256).hexdigest().startswith("f7bc83f430538424")


def test_derived_keys():
    assert PBKDF2("password", b"salt", 20, 4096, hmac_hash_module=SHA256).hex() == "c5e478d59288c841aa530db6845c4c8d962893a0"
    assert scrypt("password", b"NaCl", 64, 1024, 8, 16).hex().startswith("fdbabe1c9d3472007856e7190d01e9fe")


def test_curves():
    signature = eddsa.new(CURVE_KEY, "rfc8032").sign(b"")
    assert signature.hex().startswith("e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e06522490155")
    eddsa.new(CURVE_KEY.public_key(), "rfc8032").verify(b"", signature)
    key = ECC.generate(curve="P-256")
    copy = ECC.import_key(key.export_key(format="PEM"))
    signed = DSS.new(copy, "fips-186-3").sign(SHA256.new(b"text"))
    DSS.new(key.public_key(), "fips-186-3").verify(SHA256.new(b"text"), signed)
    assert rejects(DSS.new(key.public_key(), "fips-186-3").verify, SHA256.new(b"other"), signed)


def test_rsa():
    key = RSA.generate(1024)
    copy = RSA.import_key(key.export_key(passphrase="secret", pkcs=8), passphrase="secret")
    assert copy == key and PKCS1_OAEP.new(key).decrypt(PKCS1_OAEP.new(copy.public_key()).encrypt(b"text")) == b"text"
    signature = pss.new(key).sign(SHA256.new(b"text"))
    pss.new(key.public_key()).verify(SHA256.new(b"text"), signature)
    assert rejects(pss.new(key.public_key()).verify, SHA256.new(b"other"), signature)


def test_numbers():
    assert pow(Integer(3), 2**61 - 2, 2**61 - 1) == 1 and isPrime(2**127 - 1) and not isPrime(2**127 - 3)
    assert strxor(b"\x0f\xff", b"\xf0\x0f") == b"\xff\xf0"
    assert len({get_random_bytes(16) for _ in range(50)}) == 50
