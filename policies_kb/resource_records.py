"""Organisations, places and services one can be sent to, in the words of the Human Services Data Specification (HSDS).

Every entry says what it rests on (`source`, `confidence`) like everything else that is known here. A telephone number
stands once, with the hotlines (resources/hotlines.yml); a service only names it.
"""

from __future__ import annotations

import datetime
from dataclasses import dataclass, field

from policies_kb.areas import within
from policies_kb.records import Hotline
from policies_kb.text import Text

EVERYWHERE = "000000"
ORGANIZATION_KINDS = (
    "government",
    "public_institution",
    "committee",
    "mass_organisation",
    "charity",
    "social_work",
)
LOCATION_KINDS = ("physical", "postal", "virtual")
STATUSES = ("active", "inactive", "defunct", "temporarily closed")
DAYS = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")
LANGUAGES = {"zh": Text("中文", "Chinese"), "en": Text("英语", "English")}


@dataclass(frozen=True, slots=True)
class Organization:
    """Who provides services. `area`: the place it works for, by its code; `kind`: one of ORGANIZATION_KINDS."""

    id: str
    name: Text
    description: Text
    kind: str
    area: str
    source: str
    confidence: str
    short: Text | None = None
    parent: str | None = None
    website: str | None = None


@dataclass(frozen=True, slots=True)
class Address:
    """A postal address in mainland China."""

    line: Text
    city: Text
    province: Text
    postal_code: str


@dataclass(frozen=True, slots=True)
class Schedule:
    """When something is open: days of the week and times (HH:MM, China time), each open where not known."""

    description: Text
    days: tuple[str, ...] = ()
    opens: str | None = None
    closes: str | None = None
    valid_from: datetime.date | None = None
    valid_to: datetime.date | None = None


@dataclass(frozen=True, slots=True)
class Location:
    """Where one goes. A kind of place found many times over (every street's centre) is one location without address."""

    id: str
    name: Text
    kind: str
    area: str
    source: str
    confidence: str
    organization: str | None = None
    description: Text | None = None
    url: str | None = None
    address: Address | None = None
    schedules: tuple[Schedule, ...] = ()
    languages: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Taxonomy:
    """A list of words to sort services by: code → name."""

    id: str
    name: Text
    description: Text
    terms: dict[str, Text]


@dataclass(frozen=True, slots=True)
class Service:
    """What somebody does for people.

    `serves`: codes of the places it is for; `at`: locations; `phones`: numbers of hotlines; `terms`: (taxonomy, code);
    `programme`: the programme of this knowledge base it belongs to.
    """

    id: str
    name: Text
    description: Text
    organization: str
    serves: tuple[str, ...]
    source: str
    confidence: str
    status: str = "active"
    programme: str | None = None
    short: Text | None = None
    eligibility: Text | None = None
    application: Text | None = None
    fees: Text | None = None
    alert: Text | None = None
    url: str | None = None
    minimum_age: float | None = None
    maximum_age: float | None = None
    at: tuple[str, ...] = ()
    phones: tuple[str, ...] = ()
    languages: tuple[str, ...] = ()
    terms: tuple[tuple[str, str], ...] = ()
    schedules: tuple[Schedule, ...] = ()

    def reaches(self, area: str) -> bool:
        """Whether it is for people in this place (a code)."""
        return any(place == EVERYWHERE or within(area, place) for place in self.serves)


@dataclass(frozen=True, slots=True)
class Resources:
    """All of them, by identifier; hotlines by number."""

    organizations: dict[str, Organization] = field(default_factory=dict)
    locations: dict[str, Location] = field(default_factory=dict)
    services: dict[str, Service] = field(default_factory=dict)
    taxonomies: dict[str, Taxonomy] = field(default_factory=dict)
    hotlines: dict[str, Hotline] = field(default_factory=dict)

    def serving(self, area: str, need: str | None = None) -> list[Service]:
        """The active services for people in a place (a code), the nearest first; only for one need where given."""
        found = [
            service
            for service in self.services.values()
            if service.status == "active"
            and service.reaches(area)
            and (need is None or ("need", need) in service.terms)
        ]
        return sorted(found, key=lambda service: -_nearness(service, area))


def _nearness(service: Service, area: str) -> int:
    """How narrow the place is for which a service stands: digits of the code that count."""
    return max(
        0 if place == EVERYWHERE else len(place.rstrip("0"))
        for place in service.serves
        if place == EVERYWHERE or within(area, place)
    )
