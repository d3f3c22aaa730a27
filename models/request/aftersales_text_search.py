from odoo import api, models
from odoo.fields import Domain
from odoo.tools import SQL

from ...tools import text_search

# A text is alike when at least this share of what was looked for is in it. Of a long story a
# text need not hold more than of a story of so many letters.
LEAST_SHARE = 0.45
MOST_WEIGHT = 48
# One word is chance where several were looked for; a code is none.
LEAST_HITS = 2
# Beside the best one, only texts stand that are nearly as good.
NEAR_BEST = 0.6
# Where nothing is found, words that begin and look alike count as well: typing errors.
LEAST_LIKENESS = 0.45
LEAST_LENGTH = 5
MAX_WORDS = 6
# Suggestions come while one types. Of the texts that hold a word the newest are compared, and
# for typing errors the newest of all: however many there are, it takes no longer.
MAX_COMPARED = 500
MAX_MISSPELT = 1000
# What stands between words, in any script.
_SIGNS = " \n\t\"'\\.,;:!?()[]{}<>/|+*=_-–—…„“”‘’«»·，。；：！？（）【】《》、"


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
        return self._take_best(
            query, {term: self._get_hit_sql(term) for term in terms}, limit)

    def _find_misspelt(self, terms, domain, limit):
        # Long words only: of short ones too little is left when one letter is wrong.
        words = [term for term in terms
                 if text_search.is_spelt(term) and len(term) >= LEAST_LENGTH][:MAX_WORDS]
        if not words:
            return self.browse()
        hits = {term: self._get_hit_sql(term) for term in terms}
        hits.update((word, SQL(
            "(%s OR strpos(words, %s) > 0 AND word_similarity(%s, words) >= %s)",
            hits[word], f" {word[:2]}", word, LEAST_LIKENESS,
        )) for word in words)
        newest = self._search(Domain(domain), order="id desc", limit=MAX_MISSPELT)
        return self._take_best(newest, hits, limit)

    def _get_hit_sql(self, term):
        """Return whether ``words`` hold a term; a short word is no hit within another one."""
        is_short = text_search.is_spelt(term) and len(term) < LEAST_LENGTH
        return SQL("strpos(words, %s) > 0", f" {term}" if is_short else term)

    def _take_best(self, query, hits, limit):
        """Return the best of what a query finds.

        :param hits: dict of term → SQL condition of a hit of it in ``words``
        """
        alias = query.table
        weights = [text_search.get_weight(term) for term in hits]
        columns = [SQL.identifier(f"hit_{index}") for index in range(len(hits))]
        rows = self.env.execute_query(SQL(
            "SELECT id, score FROM (SELECT id, %s AS score, %s AS hits FROM (SELECT id, %s FROM "
            "(%s) AS newest OFFSET 0) AS looked OFFSET 0) AS rated "
            "WHERE score >= %s AND hits >= %s ORDER BY score DESC, id DESC LIMIT %s",
            SQL(" + ").join(
                SQL("%s * %s", column, weight)
                for column, weight in zip(columns, weights, strict=True)),
            SQL(" + ").join(
                SQL("%s * %s", column, LEAST_HITS if text_search.is_code(term) else 1)
                for column, term in zip(columns, hits, strict=True)),
            SQL(", ").join(
                SQL("(%s)::int AS %s", hit, column)
                for column, hit in zip(columns, hits.values(), strict=True)),
            query.select(
                SQL("%s AS id", SQL.identifier(alias, "id")),
                SQL("concat(' ', translate(lower(%s), %s, %s)) AS words",
                    self._get_searched_sql(alias), _SIGNS, " " * len(_SIGNS)),
            ),
            LEAST_SHARE * min(sum(weights), MOST_WEIGHT), min(LEAST_HITS, len(hits)), limit,
        ))
        return self.browse([
            row_id for row_id, score in rows if score >= NEAR_BEST * rows[0][1]])
