"""cryptography: known results from RFCs and NIST, keys of all kinds, certificates, and random numbers that no snapshot holds."""

import datetime
import ssl

import jwt
from cryptography import exceptions, fernet, x509
from cryptography.hazmat.backends.openssl import backend
from cryptography.hazmat.bindings import _rust
from cryptography.hazmat.primitives import cmac, constant_time, hashes, hmac, keywrap, padding, poly1305
from cryptography.hazmat.primitives.asymmetric import dh, dsa, ec, ed448, ed25519, mldsa, mlkem, rsa, utils, x448, x25519
from cryptography.hazmat.primitives.asymmetric import padding as rsa_padding
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from cryptography.hazmat.primitives.ciphers.aead import AESCCM, AESGCM, AESGCMSIV, AESSIV, ChaCha20Poly1305
from cryptography.hazmat.primitives.kdf.argon2 import Argon2id
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from cryptography.hazmat.primitives.kdf.pbkdf2 import PBKDF2HMAC
from cryptography.hazmat.primitives.kdf.scrypt import Scrypt
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_pem_private_key,
    load_pem_public_key,
    load_ssh_public_key,
    pkcs7,
    pkcs12,
)
from cryptography.hazmat.primitives.twofactor.totp import TOTP
from cryptography.x509.oid import NameOID
from cryptography.x509.verification import PolicyBuilder, Store, VerificationError

SHA256 = hashes.SHA256()
# Drawn while the component is built: its instances draw others.
EARLY = [x25519.X25519PrivateKey.generate().private_bytes_raw(), AESGCM.generate_key(256)]


def raises(kind, function, *arguments):
    try:
        function(*arguments)
    except kind:
        return
    raise AssertionError(f"no {kind.__name__}")


def digest(algorithm, data):
    context = hashes.Hash(algorithm)
    context.update(data)
    return context.finalize().hex()


def test_the_extension_is_native():
    assert _rust.__file__.endswith(".so")
    assert backend.openssl_version_text().startswith("OpenSSL 3.6.3 ")


def test_hashes():
    assert digest(SHA256, b"abc") == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
    assert digest(hashes.SHA3_256(), b"abc") == "3a985da74fe225b2045c172d6bd390bd855f086e3e9d525b46bfe24511431532"
    assert digest(hashes.BLAKE2s(32), b"abc") == "508c5e8c327c14e2e1a72ba34eeb452f37458b209ed63a294d999b4c86675982"
    assert digest(hashes.MD5(), b"abc") == "900150983cd24fb0d6963f7d28e17f72"
    assert digest(hashes.SHAKE128(8), b"") == "7f9c2ba4e88f827d"
    # RFC 4231, test case 2; RFC 4493, example 2; RFC 8439, 2.5.2.
    mac = hmac.HMAC(b"Jefe", SHA256)
    mac.update(b"what do ya want for nothing?")
    mac.verify(bytes.fromhex("5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"))
    mac = cmac.CMAC(algorithms.AES(bytes.fromhex("2b7e151628aed2a6abf7158809cf4f3c")))
    mac.update(bytes.fromhex("6bc1bee22e409f96e93d7e117393172a"))
    mac.verify(bytes.fromhex("070a16b46b4d4144f79bdd9dd04a287c"))
    key = bytes.fromhex("85d6be7857556d337f4452fe42d506a80103808afb0db2fd4abff6af4149f51b")
    tag = poly1305.Poly1305.generate_tag(key, b"Cryptographic Forum Research Group")
    assert tag.hex() == "a8061dc1305136c6c22b8baf0c0127a9"
    assert constant_time.bytes_eq(b"a", b"a") and not constant_time.bytes_eq(b"a", b"b")


def test_ciphers():
    # NIST SP 800-38A, F.2.1 and F.5.1.
    key = bytes.fromhex("2b7e151628aed2a6abf7158809cf4f3c")
    text = bytes.fromhex("6bc1bee22e409f96e93d7e117393172a")
    for mode, wanted in (
        (modes.CBC(bytes(range(16))), "7649abac8119b246cee98e9b12e9197d"),
        (modes.CTR(bytes.fromhex("f0f1f2f3f4f5f6f7f8f9fafbfcfdfeff")), "874d6191b620e3261bef6864990db6ce"),
    ):
        encryptor = Cipher(algorithms.AES(key), mode).encryptor()
        sealed = encryptor.update(text) + encryptor.finalize()
        assert sealed.hex() == wanted
        decryptor = Cipher(algorithms.AES(key), mode).decryptor()
        assert decryptor.update(sealed) + decryptor.finalize() == text
    padder = padding.PKCS7(128).padder()
    assert padder.update(b"12345") + padder.finalize() == b"12345" + b"\x0b" * 11
    # RFC 3394, 4.1.
    wrapped = keywrap.aes_key_wrap(bytes(range(16)), bytes.fromhex("00112233445566778899aabbccddeeff"))
    assert wrapped.hex() == "1fa68b0a8112b447aef34bd8fb5a7b829d3e862371d2cfe5"


def test_authenticated_ciphers():
    # The GCM specification, test case 4.
    sealed = AESGCM(bytes.fromhex("feffe9928665731c6d6a8f9467308308")).encrypt(
        bytes.fromhex("cafebabefacedbaddecaf888"),
        bytes.fromhex(
            "d9313225f88406e5a55909c5aff5269a86a7a9531534f7da2e4c303d8a318a721c3c0c95956809532fcf0e2449a6b525b16aedf5aa0de657ba637b39"
        ),
        bytes.fromhex("feedfacedeadbeeffeedfacedeadbeefabaddad2"),
    )
    assert sealed[-16:].hex() == "5bc94fbc3221a5db94fae95ae7121a47"
    for kind, nonce in ((AESGCM, 12), (ChaCha20Poly1305, 12), (AESCCM, 12), (AESGCMSIV, 12)):
        key = kind.generate_key(128) if kind is not ChaCha20Poly1305 else kind.generate_key()
        sealed = kind(key).encrypt(bytes(nonce), b"secret", b"more")
        assert kind(key).decrypt(bytes(nonce), sealed, b"more") == b"secret"
        raises(exceptions.InvalidTag, kind(key).decrypt, bytes(nonce), sealed, b"less")
    key = AESSIV.generate_key(256)
    assert AESSIV(key).decrypt(AESSIV(key).encrypt(b"secret", [b"a"]), [b"a"]) == b"secret"


def test_old_ciphers():
    from cryptography.hazmat.decrepit.ciphers import algorithms as old

    # FIPS 46-3's double of one key is DES; RFC 6229; the specifications of Camellia.
    encryptor = Cipher(old.TripleDES(bytes.fromhex("0123456789abcdef") * 3), modes.ECB()).encryptor()
    assert encryptor.update(b"Now is t").hex() == "3fa40e8a984d4815"
    encryptor = Cipher(old.ARC4(bytes.fromhex("0102030405")), None).encryptor()
    assert encryptor.update(bytes(8)).hex() == "b2396305f03dc027"
    key = bytes.fromhex("0123456789abcdeffedcba9876543210")
    encryptor = Cipher(old.Camellia(key), modes.ECB()).encryptor()
    assert encryptor.update(key).hex() == "67673138549669730857065648eabe43"


def test_keys_from_passwords():
    # RFC 6070's password with SHA-256; RFC 7914, 12; RFC 5869, test case 1; RFC 9106 with one lane by another build.
    key = PBKDF2HMAC(SHA256, 32, b"salt", 4096).derive(b"password")
    assert key.hex() == "c5e478d59288c841aa530db6845c4c8d962893a001ce4e11a4963873aa98134a"
    key = Scrypt(salt=b"NaCl", length=64, n=1024, r=8, p=16).derive(b"password")
    assert key.hex().startswith("fdbabe1c9d3472007856e7190d01e9fe7c6ad7cbc8237830e77376634b373162")
    key = HKDF(SHA256, 42, bytes(range(13)), bytes(range(0xF0, 0xFA))).derive(b"\x0b" * 22)
    assert key.hex().startswith("3cb25f25faacd57a90434f64d0362f2a2d2d0a90cf1a5a4c5db02d56ecc4c5bf")
    key = Argon2id(salt=b"somesalt", length=32, iterations=2, lanes=1, memory_cost=65536).derive(b"password")
    assert key.hex() == "09316115d5cf24ed5a15a31a3ba326e5cf32edc24702987c02b6566f61913cf7"
    raises(exceptions.InvalidKey, PBKDF2HMAC(SHA256, 32, b"salt", 1).verify, b"password", bytes(32))


def test_fernet():
    # The specification's example.
    key = b"cw_0x689RpI-jtRR7oE8h_eQsKImvJapLeSbXpwF4e4="
    token = b"gAAAAAAdwJ6wAAECAwQFBgcICQoLDA0ODy021cpGVWKZ_eEwCGM4BLLF_5CV9dOPmrhuVUPgJobwOz7JcbmrR64jVmpU4IwqDA=="
    assert fernet.Fernet(key).decrypt(token) == b"hello"
    mine = fernet.Fernet(fernet.Fernet.generate_key())
    assert mine.decrypt(mine.encrypt(b"hello"), ttl=60) == b"hello"
    raises(fernet.InvalidToken, mine.decrypt, token)


def test_rsa():
    key = rsa.generate_private_key(65537, 2048)
    public = key.public_key()
    pss = rsa_padding.PSS(rsa_padding.MGF1(SHA256), rsa_padding.PSS.MAX_LENGTH)
    for scheme in (pss, rsa_padding.PKCS1v15()):
        signature = key.sign(b"text", scheme, SHA256)
        public.verify(signature, b"text", scheme, SHA256)
        raises(exceptions.InvalidSignature, public.verify, signature, b"test", scheme, SHA256)
    oaep = rsa_padding.OAEP(rsa_padding.MGF1(SHA256), SHA256, None)
    assert key.decrypt(public.encrypt(b"secret", oaep), oaep) == b"secret"
    pem = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, BestAvailableEncryption(b"word"))
    assert load_pem_private_key(pem, b"word").private_numbers() == key.private_numbers()
    raises(ValueError, load_pem_private_key, pem, b"wort")


def test_elliptic_curves():
    # RFC 6979, A.2.5: deterministic signatures of "sample".
    number = 0xC9AFA9D845BA75166B5C215767B1D6934E50C3DB36E89B127B8A622B120F6721
    key = ec.derive_private_key(number, ec.SECP256R1())
    assert key.public_key().public_numbers().x == 0x60FED4BA255A9D31C961EB74C6356D68C049B8923B61FA6CE669622E60F29FB6
    signature = key.sign(b"sample", ec.ECDSA(SHA256, deterministic_signing=True))
    assert utils.decode_dss_signature(signature)[0] == 0xEFD48B2AACB6A8FD1140DD9CD45E81D69D2C877B56AAF991C34D0EA84EAF3716
    for curve in (ec.SECP256R1(), ec.SECP384R1(), ec.SECP521R1(), ec.SECP256K1(), ec.BrainpoolP256R1()):
        one, other = ec.generate_private_key(curve), ec.generate_private_key(curve)
        one.public_key().verify(one.sign(b"text", ec.ECDSA(SHA256)), b"text", ec.ECDSA(SHA256))
        assert one.exchange(ec.ECDH(), other.public_key()) == other.exchange(ec.ECDH(), one.public_key())
    pem = key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    assert load_pem_public_key(pem) == key.public_key()


def test_edwards_curves():
    # RFC 8032, 7.1, test 2; RFC 7748, 6.1.
    key = ed25519.Ed25519PrivateKey.from_private_bytes(
        bytes.fromhex("4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb")
    )
    signature = key.sign(b"\x72")
    assert signature.hex().startswith("92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da")
    raises(exceptions.InvalidSignature, key.public_key().verify, signature, b"\x73")
    alice = x25519.X25519PrivateKey.from_private_bytes(
        bytes.fromhex("77076d0a7318a57d3c16c17251b26645df4c2f87ebc0992ab177fba51db92c2a")
    )
    bob = x25519.X25519PublicKey.from_public_bytes(
        bytes.fromhex("de9edb7d7b7dc1b4d35b61c2ece435373f8343c85b78674dadfc7e146f882b4f")
    )
    assert alice.exchange(bob).hex() == "4a5d9d5ba4ce2de1728e3bf480350f25e07e21c947d19e3376f09b3c1e161742"
    other = ed448.Ed448PrivateKey.generate()
    other.public_key().verify(other.sign(b"text"), b"text")
    one, two = x448.X448PrivateKey.generate(), x448.X448PrivateKey.generate()
    assert one.exchange(two.public_key()) == two.exchange(one.public_key())
    ssh = key.public_key().public_bytes(Encoding.OpenSSH, PublicFormat.OpenSSH)
    assert load_ssh_public_key(ssh) == key.public_key()


def test_other_keys():
    numbers = dsa.generate_parameters(1024).parameter_numbers()
    key = numbers.parameters().generate_private_key()
    key.public_key().verify(key.sign(b"text", SHA256), b"text", SHA256)
    # Group 14 of RFC 3526 is one that OpenSSL knows.
    prime = int(
        "FFFFFFFFFFFFFFFFC90FDAA22168C234C4C6628B80DC1CD129024E088A67CC74020BBEA63B139B22514A08798E3404DDEF9519B3CD3A431B"
        "302B0A6DF25F14374FE1356D6D51C245E485B576625E7EC6F44C42E9A637ED6B0BFF5CB6F406B7EDEE386BFB5A899FA5AE9F24117C4B1FE6"
        "49286651ECE45B3DC2007CB8A163BF0598DA48361C55D39A69163FA8FD24CF5F83655D23DCA3AD961C62F356208552BB9ED529077096966D"
        "670C354E4ABC9804F1746C08CA18217C32905E462E36CE3BE39E772C180E86039B2783A2EC07A28FB5C55DF06F4C52C9DE2BCBF695581718"
        "3995497CEA956AE515D2261898FA051015728E5A8AACAA68FFFFFFFFFFFFFFFF",
        16,
    )
    group = dh.DHParameterNumbers(prime, 2).parameters()
    one, two = group.generate_private_key(), group.generate_private_key()
    assert one.exchange(two.public_key()) == two.exchange(one.public_key())
    # After quantum computers: FIPS 203 and 204.
    key = mlkem.MLKEM768PrivateKey.generate()
    shared, sealed = key.public_key().encapsulate()
    assert key.decapsulate(sealed) == shared and len(sealed) == 1088
    key = mldsa.MLDSA65PrivateKey.generate()
    key.public_key().verify(key.sign(b"text"), b"text")


def certificate(name, key, issuer=None, issuer_key=None):
    now = datetime.datetime.now(datetime.UTC)
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    usage = {name: False for name in ("content_commitment", "key_encipherment", "data_encipherment", "key_agreement")}
    usage |= {"crl_sign": issuer is None, "encipher_only": False, "decipher_only": False}
    builder = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer.subject if issuer else subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(days=1))
        .not_valid_after(now + datetime.timedelta(days=30))
        .add_extension(x509.BasicConstraints(ca=issuer is None, path_length=None), critical=True)
        .add_extension(x509.KeyUsage(digital_signature=True, key_cert_sign=issuer is None, **usage), critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key((issuer_key or key).public_key()), critical=False)
    )
    if issuer:
        builder = builder.add_extension(x509.SubjectAlternativeName([x509.DNSName(name)]), critical=False)
    return builder.sign(issuer_key or key, SHA256)


def test_certificates():
    root_key, key = ec.generate_private_key(ec.SECP256R1()), ec.generate_private_key(ec.SECP256R1())
    root = certificate("root", root_key)
    leaf = certificate("example.org", key, root, root_key)
    leaf = x509.load_pem_x509_certificate(leaf.public_bytes(Encoding.PEM))
    names = leaf.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    assert names.get_values_for_type(x509.DNSName) == ["example.org"]
    leaf.verify_directly_issued_by(root)
    raises(exceptions.InvalidSignature, root.verify_directly_issued_by, certificate("root", key))
    policy = PolicyBuilder().store(Store([root]))
    assert policy.build_server_verifier(x509.DNSName("example.org")).verify(leaf, []) == [leaf, root]
    raises(VerificationError, policy.build_server_verifier(x509.DNSName("example.com")).verify, leaf, [])
    packed = pkcs12.serialize_key_and_certificates(b"me", key, leaf, [root], BestAvailableEncryption(b"word"))
    loaded = pkcs12.load_pkcs12(packed, b"word")
    assert loaded.cert.certificate == leaf and loaded.additional_certs[0].certificate == root
    request = x509.CertificateSigningRequestBuilder().subject_name(leaf.subject).sign(key, SHA256)
    assert request.is_signature_valid
    builder = pkcs7.PKCS7SignatureBuilder().set_data(b"text").add_signer(leaf, key, SHA256)
    signed = builder.sign(Encoding.DER, [pkcs7.PKCS7Options.Binary])
    assert pkcs7.load_der_pkcs7_certificates(signed) == [leaf]
    # Python's own TLS, with another copy of OpenSSL, understands them.
    context = ssl.create_default_context(cadata=root.public_bytes(Encoding.PEM).decode())
    assert [one["subject"][0][0][1] for one in context.get_ca_certs()] == ["root"]


def test_json_web_tokens():
    for algorithm, key in (
        ("RS256", rsa.generate_private_key(65537, 2048)),
        ("ES256", ec.generate_private_key(ec.SECP256R1())),
        ("EdDSA", ed25519.Ed25519PrivateKey.generate()),
    ):
        token = jwt.encode({"sub": "me", "exp": 2**32}, key, algorithm=algorithm, headers={"kid": "1"})
        assert jwt.decode(token, key.public_key(), algorithms=[algorithm])["sub"] == "me"
        head, body, signature = token.split(".")
        forged = jwt.utils.base64url_encode(b'{"sub":"you"}').decode()
        raises(jwt.InvalidSignatureError, jwt.decode, f"{head}.{forged}.{signature}", key.public_key(), [algorithm])
        published = jwt.PyJWK(jwt.get_algorithm_by_name(algorithm).to_jwk(key.public_key(), as_dict=True), algorithm)
        assert jwt.decode(token, published, algorithms=[algorithm])["sub"] == "me"


def test_one_time_passwords():
    # RFC 6238, appendix B.
    totp = TOTP(b"12345678901234567890", 8, hashes.SHA1(), 30)
    assert totp.generate(59) == b"94287082"
    totp.verify(b"07081804", 1111111109)


def test_random_numbers():
    drawn = {x25519.X25519PrivateKey.generate().private_bytes_raw() for _ in range(20)} | {AESGCM.generate_key(256) for _ in range(20)}
    assert len(drawn | set(EARLY)) == 42
