import { _t } from "@web/core/l10n/translation";
import { rpc } from "@web/core/network/rpc";
import { registry } from "@web/core/registry";
import { Interaction } from "@web/public/interaction";

const SUGGEST_URL = "/my/aftersales/solutions/suggest";
const TYPING_PAUSE = 400;

/** The form of a new request: known solutions while one types, and limits of files. */
export class RequestForm extends Interaction {
    static selector = ".o_aftersales_request_form";
    dynamicContent = {
        "[name='subject'], [name='description']": {
            "t-on-input": this.debounced(this.suggest, TYPING_PAUSE),
        },
        "[name='equipment']": { "t-on-change": this.onChangeEquipment },
        "[name='files']": { "t-on-change": this.checkFiles },
        _root: { "t-on-submit": this.onSubmit },
        ".o_aftersales_serial": { "t-att-class": () => ({ "d-none": this.hasEquipment }) },
        ".o_aftersales_suggestions": { "t-att-class": () => ({ "d-none": !this.hasSuggestions }) },
        ".o_aftersales_file_error": { "t-out": () => this.fileError },
        "[type='submit']": { "t-att-disabled": () => this.isSent || !!this.fileError },
    };

    setup() {
        this.hasEquipment = !!this.getValue("equipment");
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

    onChangeEquipment() {
        this.hasEquipment = !!this.getValue("equipment");
        return this.suggest();
    }

    async suggest() {
        const text = `${this.getValue("subject")} ${this.getValue("description")}`.trim();
        const solutions = text
            ? await this.waitFor(rpc(SUGGEST_URL, { text, equipment: this.getValue("equipment") }))
            : [];
        this.showSolutions(solutions);
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

registry.category("public.interactions").add("aftersales.request_form", RequestForm);
