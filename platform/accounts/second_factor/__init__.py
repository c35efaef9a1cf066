"""A researcher's second factor: a code from a device (TOTP, RFC 6238) after the password, or a recovery code.

Nobody is signed in before both were right, so no other page has to look. API keys are not concerned.
"""
