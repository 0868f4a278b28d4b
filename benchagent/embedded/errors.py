"""What can stop the embedded server, each said in a sentence a user can act on."""

from benchagent.errors import ExplainedError


class EmbeddedError(ExplainedError):
    """Something the embedded server needs is not there or not usable."""


class WeightsError(EmbeddedError):
    """The model's weights could not be obtained, or a weights file is not what it should be."""


class EngineError(EmbeddedError):
    """The inference engine is not installed, or cannot run this model on this machine."""


class AddressError(EmbeddedError):
    """The server cannot listen where it was told to."""


class ServerStartError(EmbeddedError):
    """A server that we started as a child ended, or did not answer in time."""


class RefusedError(Exception):
    """A request that the server does not serve, with its HTTP status and the sentence it gets."""

    def __init__(self, status: int, message: str) -> None:
        super().__init__(message)
        self.status = status
        self.message = message
