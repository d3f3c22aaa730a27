from odoo import api, models
from odoo.fields import Domain
from odoo.tools import SQL

from ...tools import text_search

# A text is alike when at least this share of what was looked for is in it …
LEAST_SHARE = 0.3
# … or, when nothing is, when the words look alike: typing errors.
LEAST_LIKENESS = 0.45
LEAST_LENGTH = 5
MAX_WORDS = 6


class AftersalesTextSearch(models.AbstractModel):
    """Finds records whose texts speak of the same as a text in any language, the best first."""

    _name = "aftersales.text.search"
    _description = "Search by Likeness"

    @api.model
    def _get_searched_fields(self):
        """Return the names of the stored fields that are looked into (hook)."""
        raise NotImplementedError

    @api.model
    def _get_searched_sql(self, alias):
        """Return the SQL of the text of these fields (hook)."""
        raise NotImplementedError

    @api.model
    def _find_alike(self, text, domain=Domain.TRUE, limit=5):
        """Return the records that speak of the same as ``text``, within the user's rights."""
        terms = text_search.get_terms(text)
        if not terms:
            return self.browse()
        self.flush_model(self._get_searched_fields())
        return self._find_by_terms(terms, domain, limit) or self._find_misspelt(
            terms, domain, limit)

    def _find_by_terms(self, terms, domain, limit):
        query = self._search(Domain(domain))
        searched = self._get_searched_sql(query.table)
        found = [SQL("%s ILIKE %s", searched, f"%{self._escape(term)}%") for term in terms]
        weights = [text_search.get_weight(term) for term in terms]
        score = SQL(" + ").join(
            SQL("CASE WHEN %s THEN %s ELSE 0 END", condition, weight)
            for condition, weight in zip(found, weights, strict=True)
        )
        query.add_where(SQL("(%s)", SQL(" OR ").join(found)))
        query.add_where(SQL("(%s) >= %s", score, LEAST_SHARE * sum(weights)))
        return self._take_best(query, score, limit)

    def _find_misspelt(self, terms, domain, limit):
        query = self._search(Domain(domain))
        searched = self._get_searched_sql(query.table)
        # Long words only: of short ones too little is left when one letter is wrong.
        words = [term for term in terms if len(term) >= LEAST_LENGTH] or terms
        likeness = SQL("(%s) / %s", SQL(" + ").join(
            SQL("word_similarity(%s, %s)", word, searched) for word in words[:MAX_WORDS]
        ), len(words[:MAX_WORDS]))
        query.add_where(SQL("%s >= %s", likeness, LEAST_LIKENESS))
        return self._take_best(query, likeness, limit)

    def _take_best(self, query, score, limit):
        query.order = SQL("%s DESC, %s DESC", score, SQL.identifier(query.table, "id"))
        query.limit = limit
        return self.browse(query.get_result_ids())

    @staticmethod
    def _escape(term):
        return term.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
