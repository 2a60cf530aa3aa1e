"""A token source whose tokens are literals."""


class FixedTokens:
    """Gives its tokens in turn, the next one after each rejection; the last one stays."""

    def __init__(self, *tokens: str) -> None:
        self._tokens = list(tokens)
        self.rejections: list[str] = []

    async def token(self) -> str:
        return self._tokens[min(len(self.rejections), len(self._tokens) - 1)]

    async def rejected(self, token: str) -> None:
        self.rejections.append(token)
