"""The names under which meta elements give dates, the most trustworthy first."""

PUBLISHED = (
    "article:published_time", "og:article:published_time", "datepublished", "og:published_time", "date",
    "dc.date.issued", "dcterms.issued", "dc.date.created", "dcterms.created", "dc.date", "dcterms.date",
    "parsely-pub-date", "sailthru.date", "pubdate", "publishdate", "publish_date", "publish-date", "publication_date",
    "article.published", "published-date", "published_time", "citation_publication_date", "citation_date",
    "article:published", "datecreated", "created", "uploaddate", "displaydate", "release_date", "rnews:datepublished",
    "originalpublicationdate", "cxenseparse:recs:publishtime", "vr:published_time", "date_published", "last-published",
)  # fmt: skip
MODIFIED = (
    "article:modified_time", "og:updated_time", "datemodified", "og:modified_time", "dcterms.modified",
    "dc.date.modified", "last-modified", "lastmod", "article:modified", "revised", "modified", "updated_time",
)  # fmt: skip
