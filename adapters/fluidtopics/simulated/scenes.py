"""What happens on the simulated portal: visits, the events that they are made of, and the events' parameters."""

import random
from collections.abc import Callable, Mapping

from adapters.simulation import Company, Document
from adapters.simulation.chance import zipf

VISITS: tuple[tuple[int, tuple[str, ...]], ...] = (
    (30, ("page.display", "khub.search", "search_page.select", "topic.start_display", "topic.display")),
    (12, ("khub.search", "khub.search", "search_page.select", "document.start_display", "document.search")),
    (20, ("page.display", "document.start_display", "topic.start_display", "topic.display", "topic.display")),
    (8, ("topic.start_display", "topic.rate", "topic.display", "link.share")),
    (8, ("user.login", "page.display", "khub.search", "search_result.open_browser_context_menu", "user.logout")),
    (5, ("user.login", "document.start_display", "document.download", "document.rate", "user.logout")),
    (4, ("khub.search", "search_page.select", "bookmark.create", "topic.display", "bookmark.delete")),
    (4, ("page.display", "gen_ai.completed_query", "ai.rate")),
    (3, ("page.display", "chatbot.rate", "feedback.send")),
    (2, ("user.login", "collection.create", "collection.update", "saved_search.create", "user.logout")),
    (1, ("user.login", "collection.delete", "saved_search.delete", "personal_book.update", "personal_topic.create")),
    (1, ("user.login", "personal_book.delete", "user.logout")),
    (2, ("khub.search", "case_deflection.rate", "custom_event.trigger")),
)  # fmt: skip
"""Visits by how frequent they are, in hundredths, with the names of their events in order."""

NAMES = tuple(sorted({name for _, names in VISITS for name in names}))
"""All names of events."""

SERVER_SIDE = frozenset({
    "ai.rate", "bookmark.create", "bookmark.delete", "case_deflection.rate", "chatbot.rate", "collection.create",
    "collection.delete", "collection.update", "gen_ai.completed_query", "personal_book.delete", "personal_book.update",
    "personal_topic.create", "saved_search.create", "saved_search.delete", "topic.rate", "user.login", "user.logout",
})  # fmt: skip
"""Names of events that are born in a server, and have no browser."""

_TOPICS = (
    "Overview",
    "Requirements",
    "Before you begin",
    "Set up",
    "Configure",
    "Options",
    "Limits",
    "Troubleshooting",
)


class Stock:
    """What the scenes are made of: some documents and searches are far more popular than others."""

    def __init__(self, company: Company) -> None:
        """The documents and searches of a company."""
        self._company = company
        self._term_weights = zipf(len(company.search_terms))
        self._document_weights = zipf(len(company.documents))

    def draw(self, *key: object) -> random.Random:
        """Chance for one scene."""
        return self._company.rng("scene", *key)

    def query(self, draw: random.Random) -> Mapping[str, object]:
        """A search, as several events repeat it."""
        facet = {"key": "Version", "values": [draw.choice(("4.0", "4.1", "4.2", "5.0"))]}
        facets = draw.choice(([], [facet], [{**facet, "type": "VALUE"}]))
        return {"terms": self.term(draw), "facets": facets, "searchType": "EVERYWHERE"}

    def term(self, draw: random.Random) -> str:
        """What somebody looks for."""
        return draw.choices(self._company.search_terms, cum_weights=self._term_weights)[0]

    def document(self, draw: random.Random) -> Document:
        """What somebody reads."""
        return draw.choices(self._company.documents, cum_weights=self._document_weights)[0]


def parameters(stock: Stock, name: str, variant: int) -> Mapping[str, object]:
    """One of many forms that the parameters of an event take, as the reference's "Analytics events" shows them."""
    make = _MAKERS.get(name)
    return {} if make is None else make(stock, stock.draw(name, variant))


def _search(stock: Stock, draw: random.Random) -> Mapping[str, object]:
    found = draw.choice((0, draw.randrange(1, 40), draw.randrange(40, 2000)))
    return {
        "searchQuery": stock.query(draw),
        "searchResponse": {"autocorrect": draw.random() < 0.1, "nbResults": found},  # noqa: PLR2004 - plausible
    }


def _select(stock: Stock, draw: random.Random) -> Mapping[str, object]:
    document = stock.document(draw)
    result = {
        "rank": draw.randrange(1, 20),
        "type": draw.choice(("MAP", "DOCUMENT", "TOPIC")),
        "document": _document(document),
        "topic": _topic(draw, document),
    }
    return {"searchQuery": stock.query(draw), "searchResult": result}


def _reading(stock: Stock, draw: random.Random) -> Mapping[str, object]:
    return {"document": _document(stock.document(draw)), "location": {"type": "page", "value": "/r/home"}}


def _topic_start(stock: Stock, draw: random.Random) -> Mapping[str, object]:
    document = stock.document(draw)
    return {
        "breadcrumb": [_topic(draw, document)],
        "document": _document(document),
        "location": {"type": "page", "value": f"/r/{document.id}"},
    }


def _topic_end(stock: Stock, draw: random.Random) -> Mapping[str, object]:
    # Not all that a portal counts fits into a double; nothing may lose its digits.
    return {
        **_topic_start(stock, draw),
        "viewDurationMs": draw.randrange(900, 600_000),
        "viewToken": draw.getrandbits(62),
    }


def _page(_stock: Stock, draw: random.Random) -> Mapping[str, object]:
    kind = draw.choice(("HOME_PAGE", "designedHomePage", "READER_PAGE"))
    return {
        "page": {"id": "home", "type": kind, "url": "/", "name": "Home", "language": "en-US"},
        "origin": {"type": draw.choice(("INTERNAL", "unknown")), "url": "/", "pageType": kind},
        "display": {"width": draw.choice((1280, 1920, 2560)), "height": 1080},
    }


def _rating(stock: Stock, draw: random.Random) -> Mapping[str, object]:
    document = stock.document(draw)
    stars = {"type": "stars", "value": str(draw.randrange(1, 6))}
    return {"breadcrumb": [_topic(draw, document)], "document": _document(document), "rating": stars}


def _share(stock: Stock, draw: random.Random) -> Mapping[str, object]:
    return {"breadcrumb": [], "document": _document(stock.document(draw))}


def _feedback(stock: Stock, draw: random.Random) -> Mapping[str, object]:
    return {**_share(stock, draw), "loggedIn": draw.random() < 0.5}  # noqa: PLR2004 - plausible


def _login(_stock: Stock, draw: random.Random) -> Mapping[str, object]:
    trigger = draw.choice(("manual", "api", "sso"))
    realm = {"realmName": "Keycloak", "realmType": "oidc"}
    return {"trigger": trigger, "outcome": draw.choice((200, 200, 200, 401)), **realm, "rememberMe": True}


def _logout(_stock: Stock, draw: random.Random) -> Mapping[str, object]:
    return {"trigger": draw.choice(("manual", "api"))}


def _bookmark(stock: Stock, draw: random.Random) -> Mapping[str, object]:
    document = stock.document(draw)
    mark = {"id": _id(draw), "name": document.title, "topic": _topic(draw, document)}
    return {"bookmark": mark, "document": _document(document)}


def _collection(stock: Stock, draw: random.Random) -> Mapping[str, object]:
    held = [_document(stock.document(draw)) for _ in range(2)]
    return {"collection": {"id": _id(draw), "name": "To read"}, "documents": held, "updateType": "ADD_DOCUMENT"}


def _saved_search(stock: Stock, draw: random.Random) -> Mapping[str, object]:
    query = {**stock.query(draw), "lastUpdate": None}
    return {"savedSearch": {"id": _id(draw), "name": query["terms"], "searchQuery": query, "alert": False}}


def _personal_topic(_stock: Stock, draw: random.Random) -> Mapping[str, object]:
    return {"personalTopic": {"id": _id(draw), "name": draw.choice(_TOPICS)}}


def _ai_query(stock: Stock, draw: random.Random) -> Mapping[str, object]:
    term = stock.term(draw)
    return {
        "durationMs": draw.randrange(500, 20_000),
        "parameters": {"question": f"How do I {term}?"},
        "profile": {"id": "default", "name": "Assistant", "customPrompt": False},
        "queryId": _id(draw),
        "result": f"To {term}, open the settings and follow the steps.",
    }


def _ai_rating(_stock: Stock, draw: random.Random) -> Mapping[str, object]:
    stars = {"type": "stars", "value": str(draw.randrange(1, 6))}
    return {"queryId": _id(draw), "rating": stars, "comment": draw.choice((None, "Helpful.", "Wrong version."))}


def _chat_rating(_stock: Stock, draw: random.Random) -> Mapping[str, object]:
    profile = {"id": "support", "name": "Support", "provider": "custom", "model": "m-1"}
    like = {"type": "like", "value": draw.choice(("0", "1")), "tags": ["clear"]}
    return {"conversationId": _id(draw), "chatbotProfile": profile, "rating": like, "source": "CHATBOT"}


def _deflection(stock: Stock, draw: random.Random) -> Mapping[str, object]:
    topic = {**_topic(draw, stock.document(draw)), "mapId": _id(draw), "mapTitle": "Support"}
    return {
        "context": "support form",
        "rating": {"type": "dichotomous", "value": draw.choice(("0", "1"))},
        "searchQuery": stock.query(draw),
        "topic": topic,
    }


def _custom(_stock: Stock, draw: random.Random) -> Mapping[str, object]:
    return {"eventName": "video.play", "componentId": f"player-{draw.randrange(9)}", "page": {"id": "home"}}


_MAKERS: Mapping[str, Callable[[Stock, random.Random], Mapping[str, object]]] = {
    "khub.search": _search,
    "search_page.select": _select,
    "search_result.open_browser_context_menu": _select,
    "document.start_display": _reading,
    "document.download": _reading,
    "topic.start_display": _topic_start,
    "topic.display": _topic_end,
    "topic.rate": _rating,
    "page.display": _page,
    "link.share": _share,
    "feedback.send": _feedback,
    "user.login": _login,
    "user.logout": _logout,
    "bookmark.create": _bookmark,
    "bookmark.delete": _bookmark,
    "collection.create": _collection,
    "collection.update": _collection,
    "collection.delete": _collection,
    "saved_search.create": _saved_search,
    "saved_search.delete": _saved_search,
    "personal_book.update": _share,
    "personal_book.delete": _share,
    "personal_topic.create": _personal_topic,
    "gen_ai.completed_query": _ai_query,
    "ai.rate": _ai_rating,
    "chatbot.rate": _chat_rating,
    "case_deflection.rate": _deflection,
    "custom_event.trigger": _custom,
}


def _document(document: Document) -> Mapping[str, object]:
    metadata = [{"key": "Version", "label": "Version", "values": [document.version]}]
    kind = "STRUCTURED_DOCUMENT"
    return {"id": document.id, "title": document.title, "type": kind, "metadata": metadata}


def _topic(draw: random.Random, document: Document) -> Mapping[str, object]:
    place = draw.randrange(len(_TOPICS))
    return {"tocId": f"{document.id}-{place}", "title": _TOPICS[place]}


def _id(draw: random.Random) -> str:
    return f"{draw.getrandbits(64):016x}"
