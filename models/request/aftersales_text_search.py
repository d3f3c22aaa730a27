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
# Suggestions come while one types. Of the texts that hold a word the newest are compared, and
# for typing errors the newest of all: however many there are, it takes no longer.
MAX_COMPARED = 500
MAX_MISSPELT = 1000


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
    def _get_holding_sql(self, alias, term):
        """Return the SQL condition that the text holds a term; one that an index serves (hook)."""
        return SQL("strpos(lower(%s), %s) > 0", self._get_searched_sql(alias), term)

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
        query = self._search(Domain(domain), order="id desc", limit=MAX_COMPARED)
        query.add_where(SQL("(%s)", SQL(" OR ").join(
            self._get_holding_sql(query.table, term) for term in terms)))
        weights = [text_search.get_weight(term) for term in terms]
        score = SQL(" + ").join(
            SQL("CASE WHEN strpos(words, %s) > 0 THEN %s ELSE 0 END", term, weight)
            for term, weight in zip(terms, weights, strict=True)
        )
        return self._take_best(query, score, LEAST_SHARE * sum(weights), limit)

    def _find_misspelt(self, terms, domain, limit):
        # Long words only: of short ones too little is left when one letter is wrong.
        spelt = [term for term in terms if text_search.is_spelt(term)]
        words = ([term for term in spelt if len(term) >= LEAST_LENGTH] or spelt)[:MAX_WORDS]
        if not words:
            return self.browse()
        likeness = SQL("(%s) / %s", SQL(" + ").join(
            SQL("word_similarity(%s, words)", word) for word in words), len(words))
        newest = self._search(Domain(domain), order="id desc", limit=MAX_MISSPELT)
        return self._take_best(newest, likeness, LEAST_LIKENESS, limit)

    def _take_best(self, query, score, least, limit):
        """Return the best of what a query finds, by a score of its ``words``."""
        alias = query.table
        rows = self.env.execute_query(SQL(
            "SELECT id FROM (SELECT id, %s AS score FROM (%s) AS newest OFFSET 0) AS rated "
            "WHERE score >= %s ORDER BY score DESC, id DESC LIMIT %s",
            score, query.select(
                SQL("%s AS id", SQL.identifier(alias, "id")),
                SQL("lower(%s) AS words", self._get_searched_sql(alias)),
            ), least, limit,
        ))
        return self.browse(row_id for row_id, in rows)
