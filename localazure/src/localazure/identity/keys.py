"""The key that signs this local Azure's tokens, and the tokens themselves (ES256)."""

import json
import os
from collections.abc import Mapping
from datetime import timedelta
from pathlib import Path
from typing import Any

import jwt
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec

from localazure.clock import Clock
from localazure.store import StateError

ALGORITHM = "ES256"
KEY_ID = "local"
FAULTS = {
    jwt.ExpiredSignatureError: "The access token expiry UTC time has passed. Ask for a new one.",
    jwt.InvalidSignatureError: "The access token was not signed by this local Azure.",
}


class TokenKeys:
    """Signs and checks tokens; the key survives a restart."""

    def __init__(self, folder: Path, issuer: str, clock: Clock) -> None:
        self._key = _load(folder / "token-key.pem")
        self._issuer = issuer
        self._clock = clock

    def sign(self, audience: str, subject: str, lasts: timedelta, more: Mapping[str, Any] | None = None) -> str:
        """A token for an audience; `more` claims are added. It is good at once (no `nbf`), by the wall's clock too."""
        now = self._clock.now()
        claims = {"iss": self._issuer, "aud": audience, "sub": subject, "oid": subject, **(more or {})}
        claims |= {"iat": int(now.timestamp()), "exp": int((now + lasts).timestamp())}
        return jwt.encode(claims, self._key, ALGORITHM, headers={"kid": KEY_ID})

    def sign_by_wall(self, audience: str, subject: str, lasts: timedelta) -> str:
        """A token of a client (`appid`) that lasts so long by the wall's clock, by which clients ask for a new one."""
        return self.sign(audience, subject, lasts * (self._clock.pace or 1), {"appid": subject})

    def fault(self, token: str, audiences: tuple[str, ...]) -> str | None:
        """Why the token is not good for one of the audiences, or None."""
        try:
            options = {"verify_aud": False, "verify_exp": False, "verify_nbf": False, "verify_iat": False}
            claims = jwt.decode(token, self._key.public_key(), [ALGORITHM], options=options)  # type: ignore[arg-type]
        except jwt.InvalidTokenError as error:
            return FAULTS.get(type(error), "The access token is invalid.")
        now = self._clock.now().timestamp()
        times = [claims.get("exp", 0), claims.get("nbf", 0)]
        if claims.get("iss") != self._issuer or not all(type(time) in {int, float} for time in times):
            return "The access token is from the wrong issuer, or its times are no numbers."
        if times[0] <= now:
            return FAULTS[jwt.ExpiredSignatureError]
        if times[1] > now:
            return "The access token is not yet valid."
        audience = str(claims.get("aud", "")).rstrip("/")
        if audience not in audiences:
            return f"The access token has the wrong audience '{audience}'; expected one of {', '.join(audiences)}."
        return None

    @property
    def issuer(self) -> str:
        """Who signs: `iss` of every token."""
        return self._issuer

    def key_set(self) -> dict[str, Any]:
        """The public half as a JSON Web Key Set."""
        public = json.loads(jwt.algorithms.ECAlgorithm.to_jwk(self._key.public_key()))
        return {"keys": [public | {"kid": KEY_ID, "use": "sig", "alg": ALGORITHM}]}


def _load(path: Path) -> ec.EllipticCurvePrivateKey:
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        key = ec.generate_private_key(ec.SECP256R1())
        form, plain = serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        pem = key.private_bytes(serialization.Encoding.PEM, form, plain)
        part = path.with_suffix(".part")
        with os.fdopen(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
            file.write(pem)
        part.rename(path)
    try:
        loaded = serialization.load_pem_private_key(path.read_bytes(), None)
    except ValueError:
        loaded = None
    if not isinstance(loaded, ec.EllipticCurvePrivateKey):
        raise StateError(f"{path} holds no elliptic-curve key")
    return loaded
