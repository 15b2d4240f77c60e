"""The errors that say: the data, or what is kept, cannot support this question."""


class DataError(ValueError):
    """The data cannot support the question. `reasons` has every reason, each in words and with a remedy."""

    def __init__(self, *reasons: str) -> None:
        self.reasons = reasons
        super().__init__("\n".join(reasons))


class StoreError(DataError):
    """The store cannot do what was asked. `reasons` has every reason, each in words."""
