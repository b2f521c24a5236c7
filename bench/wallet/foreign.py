"""Key files of every kind that the field has known, made by its own tools: prints what each has to open to, as JSON."""

import base64
import json
import os
import sys

from ansible_vault import Vault
from bittensor_wallet import Keypair, Wallet
from cryptography.fernet import Fernet
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.kdf.pbkdf2 import PBKDF2HMAC

root, password = sys.argv[1], sys.argv[2]
# Of the wallets of the first generation.
SALT = b"Iguesscyborgslikemyselfhaveatendencytobeparanoidaboutourorigins"
ROUNDS = 10_000_000
expected = {}


def wallet_of(name, keypair, encrypt):
    wallet = Wallet(name=name, hotkey="default", path=root)
    wallet.set_coldkey(keypair, encrypt=encrypt, overwrite=True, coldkey_password=password)
    expected[name] = keypair.ss58_address
    return wallet


def file_of(name, content):
    folder = os.path.join(root, name)
    os.makedirs(folder)
    with open(os.path.join(folder, "coldkey"), "wb") as file:
        file.write(content)


def from_phrase():
    return Keypair.create_from_mnemonic(Keypair.generate_mnemonic(12))


def secrets_of(name):
    with open(os.path.join(root, name, "coldkey"), "rb") as file:
        return json.load(file)


wallet_of("nacl", from_phrase(), True)
wallet_of("plain", from_phrase(), False)
wallet_of("nacl-without-phrase", Keypair.create_from_seed("0x" + os.urandom(32).hex()), True)
wallet_of("plain-without-phrase", Keypair.create_from_seed("0x" + os.urandom(32).hex()), False)

watched = from_phrase()
Wallet(name="watch-only", hotkey="default", path=root).set_coldkeypub(watched, overwrite=True)
expected["watch-only"] = watched.ss58_address

whole = secrets_of("plain")
for name, kept in (("seed-only", ["secretSeed"]), ("private-key-only", ["privateKey"])):
    file_of(name, json.dumps({part: whole[part] for part in kept}).encode())
    expected[name] = expected["plain"]

plain = json.dumps(whole).encode()
key = PBKDF2HMAC(algorithm=hashes.SHA256(), length=32, salt=SALT, iterations=ROUNDS).derive(password.encode())
file_of("fernet", Fernet(base64.urlsafe_b64encode(key)).encrypt(plain))
file_of("ansible", Vault(password).vault.encrypt(plain))
expected["fernet"] = expected["ansible"] = expected["plain"]

print(json.dumps(expected))
