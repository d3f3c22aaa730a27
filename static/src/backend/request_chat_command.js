import { _t } from "@web/core/l10n/translation";
import { registry } from "@web/core/registry";

// The command is there for the operators of live chats; without im_livechat nobody has any.
registry.category("discuss.channel_commands").add("request", {
    condition: ({ store }) => store.has_access_livechat,
    help: _t("Open a service request (/request what it is about)"),
    methodName: "execute_command_request",
});
