"""Public keys: of a pair that is drawn while the component is built, and of one that each instance draws."""

from cryptography.hazmat.primitives.asymmetric import ec, rsa, x25519
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from wit_world import exports


def draw() -> list[str]:
    keys = [x25519.X25519PrivateKey.generate(), ec.generate_private_key(ec.SECP256R1()), rsa.generate_private_key(65537, 2048)]
    return [key.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo).hex() for key in keys]


EARLY = draw()


class Run(exports.Run):
    def run(self) -> None:
        print(*EARLY, *draw(), sep="\n")
