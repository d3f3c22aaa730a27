import { onMounted } from "@odoo/owl";
import { registry } from "@web/core/registry";
import { rpc } from "@web/core/network/rpc";
import { redirect } from "@web/core/utils/urls";
import { SignatureForm } from "@portal/signature_form/signature_form";

const METHODS = { auto: "typed", draw: "drawn", load: "image" };

/**
 * Core's signature form, which also says how the signature was made, which onerous clauses were
 * accepted one by one, and which text the page showed.
 */
export class ContractSignatureForm extends SignatureForm {
    setup() {
        super.setup();
        this.method = METHODS[this.props.mode] || "typed";
        this.nameAndSignatureProps.onSignatureChange = (mode) => {
            this.method = METHODS[mode] || this.method;
        };
        // The signature pad takes its size when it is unfolded.
        onMounted(() => {
            const fold = this.rootRef.el.closest(".collapse");
            fold?.addEventListener("shown.bs.collapse", () => this.signature.resetSignature());
        });
    }

    async onClickSubmit() {
        const button = this.rootRef.el.querySelector(".o_portal_sign_submit");
        button.disabled = true;
        const ticked = document.querySelectorAll(".o_aftersales_acknowledge:checked");
        try {
            const data = await rpc(this.props.callUrl, {
                name: this.signature.name,
                signature: this.signature.getSignatureImage().split(",")[1],
                method: this.method,
                acknowledged: [...ticked].map((box) => parseInt(box.value)),
                content_hash: this.props.contentHash,
            });
            if (data.redirect_url) {
                redirect(data.redirect_url);
                return new Promise(() => {}); // the page is being left
            }
            this.state.error = data.error;
        } finally {
            button.disabled = false;
        }
    }
}

registry.category("public_components").add("aftersales.signature_form", ContractSignatureForm);
