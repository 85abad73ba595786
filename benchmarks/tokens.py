"""Access tokens as the final project's processes take them, for benchmarks that stand in for a user or the gateway."""

import time
from uuid import uuid4

import jwt

from taller.catalog import Lesson


def of_user(lesson: Lesson, user_id: str, role: str = "customer") -> str:
    """What a user would get by logging in."""
    return _token(lesson.environment["JWT_SECRET"], "taller", "shop", user_id, role)


def of_gateway(lesson: Lesson) -> str:
    """What the gateway shows the services."""
    return _token(lesson.environment["SERVICE_SECRET"], "gateway", "services", "gateway", "admin")


def _token(secret: str, issuer: str, audience: str, subject: str, role: str) -> str:
    now = int(time.time())
    claims = {"iss": issuer, "aud": audience, "sub": subject, "role": role, "jti": str(uuid4()), "iat": now}
    return jwt.encode({**claims, "exp": now + 3600}, secret, "HS256", {"typ": "at+jwt"})
