"""Who calls: whose documents a request is about, who the journal names, what the key allows."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

#: The owner of everything that comes where no keys are needed.
LOCAL = "local"
#: The owner of what the platform does for itself: scheduled jobs.
SYSTEM = "bindery"


class Scope(StrEnum):
    """What a key may be used for."""

    SUBMIT = "submit"  # make jobs
    READ = "read"  # see one's own jobs and fetch their results
    ADMIN = "admin"  # all of that for every owner, and what operators do


@dataclass(frozen=True)
class Caller:
    """The one behind a request."""

    owner: str
    #: For the journal: owner and key.
    name: str
    #: The key that was used; None where no keys are needed.
    key_id: str | None
    scopes: frozenset[Scope]

    def may(self, scope: Scope) -> bool:
        """Whether the key allows what needs this scope; `admin` allows everything."""
        return scope in self.scopes or self.is_admin

    @property
    def is_admin(self) -> bool:
        """Whether what belongs to others is open to them too."""
        return Scope.ADMIN in self.scopes


#: Everybody, where no keys are needed.
ANYBODY = Caller(LOCAL, LOCAL, None, frozenset(Scope))
