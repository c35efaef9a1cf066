"""Bearer tokens for scripts."""

from django.utils import timezone
from rest_framework.authentication import BaseAuthentication, get_authorization_header
from rest_framework.exceptions import AuthenticationFailed

from accounts.models import ApiToken


class TokenAuthentication(BaseAuthentication):
    """`Authorization: Bearer KEY`. The key is looked up by its hash; an expired one is refused by name."""

    def authenticate(self, request):
        scheme, _, key = get_authorization_header(request).decode("latin-1").partition(" ")
        if scheme.lower() != "bearer" or not key:
            return None
        token = ApiToken.objects.select_related("user").filter(digest=ApiToken.digest_of(key.strip())).first()
        if token is None or not token.user.is_active:
            raise AuthenticationFailed("Unknown token. Make one under Accounts › API tokens.")
        if token.expired:
            raise AuthenticationFailed(f"Token {token.name!r} expired on {token.expires_at:%Y-%m-%d}.")
        ApiToken.objects.filter(pk=token.pk).update(last_used_at=timezone.now())
        return token.user, token

    def authenticate_header(self, request) -> str:
        return "Bearer"
