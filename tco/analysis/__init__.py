"""Questions asked of outcomes: comparison, verification against published figures."""
