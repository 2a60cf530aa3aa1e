"""Settings of a product whose outside world is simulated, for what runs inside this process."""

import base64
import os

from benchmarks.simulated import APP_URL, INTUIT_CLIENT, PROCORE_CLIENT, Simulated
from foundation.settings import Settings


def settings_for(simulated: Simulated, database_url: str, task_queue: str, look_interval: int) -> Settings:
    """Every provider address points to ``simulated``; ``look_interval`` is in seconds. Keys are made up on the spot."""
    quickbooks = simulated.quickbooks_url
    return Settings.model_validate(
        {
            "database_url": database_url,
            "temporal_task_queue": task_queue,
            "public_base_url": APP_URL,
            "session_secret": os.urandom(16).hex(),
            "encryption_keys": f"bench:{base64.b64encode(os.urandom(32)).decode()}",
            "procore_environment": "simulated",
            "procore_login_url": simulated.procore_url,
            "procore_api_url": simulated.procore_url,
            "procore_client_id": PROCORE_CLIENT[0],
            "procore_client_secret": PROCORE_CLIENT[1],
            "intuit_environment": "simulated",
            "intuit_authorize_url": f"{quickbooks}/connect/oauth2",
            "intuit_token_url": f"{quickbooks}/oauth2/v1/tokens/bearer",
            "intuit_revoke_url": f"{quickbooks}/v2/oauth2/tokens/revoke",
            "intuit_api_url": quickbooks,
            "intuit_client_id": INTUIT_CLIENT[0],
            "intuit_client_secret": INTUIT_CLIENT[1],
            "look_interval_seconds": look_interval,
            "procore_webhooks": False,
        }
    )
