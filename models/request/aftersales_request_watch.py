from collections import defaultdict

from markupsafe import Markup

from odoo import api, fields, models
from odoo.fields import Domain

from .aftersales_request import OPEN_STATES

BATCH_SIZE = 500


class AftersalesRequestWatch(models.AbstractModel):
    """Looks at requests when a share of a promised time is used up, and warns in time.

    Each request says when to look at it again (``watch_on``). Whatever changes what is promised
    for open requests makes it now, so that one click on a calendar moves thousands of clocks
    without waiting for them.
    """

    _name = "aftersales.request.watch"
    _description = "Request Watch"

    @api.model
    def _cron_watch(self, batch_size=BATCH_SIZE):
        """Warn of what is nearly over, note what is missed, follow what is promised now."""
        self.env["aftersales.request"]._run_in_batches(
            Domain("watch_on", "<=", fields.Datetime.now()), batch_size, self._watch,
        )

    @api.model
    def _watch(self, requests):
        """Look at requests that nobody else holds: levels, clocks, warnings."""
        requests._apply_levels("level")
        # A request no clock counts for is looked at when something is promised for it.
        requests.watch_on = False
        rows = self.env["aftersales.request.clock"]._refresh(requests, is_watch=True)
        self._warn(rows)

    # -------------------------------------------------------------------------
    # Called by whatever decides about promised times
    # -------------------------------------------------------------------------

    @api.model
    def _look_again(self, domain):
        """Let the watch look at the open requests of a domain, within the next minute."""
        # Whoever may change what is promised changes the clocks of all it is promised to.
        requests_sudo = self.env["aftersales.request"].sudo().with_context(
            active_test=False, tracking_disable=True,
        ).search(Domain("state", "in", OPEN_STATES) & Domain(domain), order="id")
        if requests_sudo:
            requests_sudo.watch_on = fields.Datetime.now()
            self.env.ref("aftersales.ir_cron_request_watch").sudo()._trigger()

    # -------------------------------------------------------------------------
    # Warnings
    # -------------------------------------------------------------------------

    def _warn(self, rows):
        """Warn owners and escalation users, each in one message; note each warning once."""
        clock = self.env["aftersales.request.clock"]
        events, warnings = [], defaultdict(list)
        for request, kinds in rows.items():
            for kind, row in kinds.items():
                if not row.reached:
                    continue
                events += [
                    request._prepare_event_vals(
                        "warned", target=kind, minutes=percent, user_id=False,
                        promised_seconds=row.vals["promised_seconds"],
                        since=clock._to_datetime(row.since),
                    ) for percent in row.reached
                ]
                for user in self._get_warned_users(request):
                    warnings[user].append((request, kind, row))
        self.env["aftersales.request.event"].sudo().create(events)
        for user, items in warnings.items():
            self._send_warning(user, items)

    def _get_warned_users(self, request):
        """Return owner and escalation user, else the team, else who manages the application."""
        clock = self.env["aftersales.request.clock"]
        users = request.user_id.filtered("active") | clock._get_escalation_user(request)
        return (
            users or request.team_id.member_ids.filtered("active") or clock._get_manager(request))

    def _send_warning(self, user, items):
        """Send one message about all that is nearly over, in the words and time of its reader."""
        watch = self.with_context(lang=user.lang, tz=user.tz)
        items = sorted(items, key=lambda item: item[2].vals["due"])
        body = watch.env["ir.qweb"]._render("aftersales.request_warning_message", {
            "items": [watch._prepare_warning(*item) for item in items],
        }, lang=user.lang)
        self.env["mail.thread"].message_notify(
            partner_ids=user.partner_id.ids,
            subject=watch.env._(
                "%(count)s promised times are nearly over", count=len(items),
            ) if len(items) > 1 else watch._get_warning_subject(*items[0]),
            body=Markup(body), force_send=False,
        )
        self.env.ref("mail.ir_cron_mail_scheduler_action").sudo()._trigger()

    def _prepare_warning(self, request, kind, row):
        request = request.with_env(self.env)
        return {
            "request": request,
            "target": self._get_target_label(kind),
            "percent": max(row.reached),
            "due": row.vals["due"],
            "is_missed": row.vals["status"] == "overdue",
            "url": f"/odoo/service-requests/{request.id}",
        }

    def _get_warning_subject(self, request, kind, row):
        return self.env._(
            "%(request)s: %(percent)s %% of the time for “%(target)s” is used up",
            request=request.display_name, percent=max(row.reached),
            target=self._get_target_label(kind),
        )

    def _get_target_label(self, kind):
        field = self.env["aftersales.request.target"]._fields["kind"]
        return dict(field._description_selection(self.env))[kind]
