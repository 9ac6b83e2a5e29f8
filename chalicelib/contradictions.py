"""Settings that are right each by itself and wrong together."""

from typing import TYPE_CHECKING
from urllib.parse import urlsplit

if TYPE_CHECKING:
    from chalicelib.settings import Settings


def contradictions(settings: "Settings") -> list[str]:
    """A line for each."""
    faults = []
    if settings.deployed and not settings.token_keys:
        faults.append("TOKEN_KEYS: missing; a deployed stage needs at least one key of 32 characters or more.")
    if settings.oidc_issuer and not settings.oidc_audience:
        faults.append("OIDC_AUDIENCE: missing; without it a token for any other service of OIDC_ISSUER would do.")
    if settings.die_at_step and settings.stage != "test":
        faults.append("DIE_AT_STEP: refused; it takes effect only with STAGE=test.")
    if settings.redis_cluster and urlsplit(settings.cache_url).path not in ("", "/", "/0"):
        faults.append(
            "REDIS_CLUSTER: a cluster has only database 0; take the other number out of REDIS_URL or REDIS_DB."
        )
    return faults
