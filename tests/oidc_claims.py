"""What the provider of tests.oidc_provider says of people: whatever people.json has, lies included."""

import json
from typing import Any

from django.conf import settings
from oauth2_provider.oauth2_validators import OAuth2Validator


class Validator(OAuth2Validator):
    oidc_claim_scope = None

    def get_id_token_dictionary(self, token: Any, token_handler: Any, request: Any) -> Any:
        claims, expires_at = super().get_id_token_dictionary(token, token_handler, request)
        said = json.loads(settings.PEOPLE.read_text())[request.user.username]
        return claims | {"preferred_username": request.user.username} | said, expires_at
