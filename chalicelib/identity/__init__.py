"""The identity of callers: what Cognito puts into a token, and verifying one without a gateway."""
