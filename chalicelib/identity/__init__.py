"""Who asks: what Cognito puts into a token, and how a token is checked where no gateway does."""
