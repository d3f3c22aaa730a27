import { browser } from "@web/core/browser/browser";
import { _t } from "@web/core/l10n/translation";
import { rpc } from "@web/core/network/rpc";
import { registry } from "@web/core/registry";
import { KeepLast } from "@web/core/utils/concurrency";
import { Interaction } from "@web/public/interaction";

const SUGGEST_URL = "/my/aftersales/solutions/suggest";
const TYPING_PAUSE = 400;
const DRAFT = "aftersales_request_draft_";
const KEPT = "input:not([type='hidden']):not([type='file']), textarea, select";

/**
 * The form of a new request: known solutions while one types, and limits of files. What is typed
 * is kept in the tab until it is sent, whatever comes between: a login that has expired, a phone
 * that forgets the page while it takes a photo.
 */
export class RequestForm extends Interaction {
    static selector = ".o_aftersales_request_form";
    dynamicContent = {
        "[name='subject'], [name='description']": {
            "t-on-input": this.debounced(this.suggest, TYPING_PAUSE),
        },
        "[name='equipment']": { "t-on-change": this.onChangeEquipment },
        "[name='files']": { "t-on-change": this.checkFiles },
        _root: {
            "t-on-submit": this.onSubmit,
            "t-on-input": this.keepDraft,
            "t-on-change": this.keepDraft,
        },
        ".o_aftersales_restored": { "t-att-class": () => ({ "d-none": !this.isRestored }) },
        ".o_aftersales_restored button": { "t-on-click": this.forgetDraft },
        ".o_aftersales_serial": { "t-att-class": () => ({ "d-none": this.hasEquipment }) },
        ".o_aftersales_open_request": { "t-att-class": () => ({ "d-none": !this.open }) },
        ".o_aftersales_open_request a": {
            "t-att-href": () => this.open?.openUrl,
            "t-out": () => this.open?.openName,
        },
        ".o_aftersales_suggestions": { "t-att-class": () => ({ "d-none": !this.hasSuggestions }) },
        ".o_aftersales_file_error": { "t-out": () => this.fileError },
        "[type='submit']": { "t-att-disabled": () => this.isSent || !!this.fileError },
    };

    setup() {
        this.suggestions = new KeepLast();
        this.isRestored = this.restoreDraft();
        this.hasEquipment = !!this.getValue("equipment");
        this.open = this.findOpen();
        this.hasSuggestions = false;
        this.fileError = "";
        this.isSent = false;
    }

    start() {
        this.suggest();
    }

    getValue(name) {
        return this.el.querySelector(`[name='${name}']`)?.value || "";
    }

    get draftKey() {
        return `${DRAFT}${this.el.dataset.draft}`;
    }

    keepDraft() {
        const fields = [...this.el.querySelectorAll(KEPT)].map((el) => [el.name, el.value]);
        browser.sessionStorage.setItem(this.draftKey, JSON.stringify(Object.fromEntries(fields)));
    }

    /** Fill in what was kept; what the server sends back, or the address names, goes first. */
    restoreDraft() {
        const draft = JSON.parse(browser.sessionStorage.getItem(this.draftKey) || "{}");
        if (!draft.subject && !draft.description) {
            return false;
        }
        if (this.getValue("subject") || this.getValue("description")) {
            return false;
        }
        for (const el of this.el.querySelectorAll(KEPT)) {
            const isNamed = el.name === "equipment" && el.value;
            if (el.name in draft && !isNamed) {
                el.value = draft[el.name];
            }
        }
        return true;
    }

    forgetDraft() {
        browser.sessionStorage.removeItem(this.draftKey);
        this.el.reset();
        this.isRestored = false;
        this.onChangeEquipment();
    }

    /** What is open about the unit chosen: its name and address. */
    findOpen() {
        const option = this.el.querySelector("[name='equipment']")?.selectedOptions[0];
        return option?.dataset.openUrl ? option.dataset : null;
    }

    onChangeEquipment() {
        this.hasEquipment = !!this.getValue("equipment");
        this.open = this.findOpen();
        return this.suggest();
    }

    async suggest() {
        const text = `${this.getValue("subject")} ${this.getValue("description")}`.trim();
        this.showSolutions(await this.waitFor(this.suggestions.add(this.findSolutions(text))));
    }

    /** Suggestions are an offer: where they fail, the report goes on without them. */
    async findSolutions(text) {
        if (!text) {
            return [];
        }
        try {
            return await rpc(
                SUGGEST_URL,
                { text, equipment: this.getValue("equipment") },
                { silent: true }
            );
        } catch {
            return [];
        }
    }

    showSolutions(solutions) {
        const listEl = this.el.querySelector(".o_aftersales_suggestions ul");
        listEl.replaceChildren(...solutions.map((solution) => this.createItem(solution)));
        this.hasSuggestions = solutions.length > 0;
        this.updateContent();
    }

    createItem(solution) {
        const itemEl = document.createElement("li");
        const linkEl = document.createElement("a");
        linkEl.href = solution.url;
        // What has been typed stays in its own tab.
        linkEl.target = "_blank";
        linkEl.textContent = solution.name;
        const summaryEl = document.createElement("div");
        summaryEl.className = "text-muted small mb-2";
        summaryEl.textContent = solution.summary;
        itemEl.append(linkEl, summaryEl);
        return itemEl;
    }

    checkFiles(ev) {
        const { files, dataset } = ev.currentTarget;
        const megabytes = parseInt(dataset.maxMegabytes);
        const tooLarge = [...files].find((file) => file.size > megabytes * 1024 * 1024);
        this.fileError = "";
        if (files.length > parseInt(dataset.maxFiles)) {
            this.fileError = _t("Please choose %s files at most.", dataset.maxFiles);
        } else if (tooLarge) {
            this.fileError = _t("“%(name)s” is larger than %(megabytes)s MB.", {
                name: tooLarge.name, megabytes,
            });
        }
    }

    /** A second click sends nothing. */
    onSubmit(ev) {
        if (this.isSent || this.fileError) {
            ev.preventDefault();
            return;
        }
        this.isSent = true;
    }
}

/** What has arrived need not be kept any more. */
export class RequestReceived extends Interaction {
    static selector = ".o_aftersales_received";

    start() {
        browser.sessionStorage.removeItem(`${DRAFT}${this.el.dataset.draft}`);
    }
}

registry.category("public.interactions").add("aftersales.request_form", RequestForm);
registry.category("public.interactions").add("aftersales.request_received", RequestReceived);
