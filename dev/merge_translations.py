#!/usr/bin/env python3
"""merge_translations.py POT PO...: bring translations in line with the template.

Dates are left out of the template, so that the same terms give the same file.
"""

import sys

import polib


def main():
    template_path, *translation_paths = sys.argv[1:]
    template = polib.pofile(template_path)
    for date in ("POT-Creation-Date", "PO-Revision-Date"):
        template.metadata.pop(date, None)
    template.save()
    for path in translation_paths:
        translation = polib.pofile(path)
        translation.merge(template)
        for entry in translation.obsolete_entries():
            translation.remove(entry)
        translation.sort(key=lambda entry: entry.msgid)  # as oca-checks-po wants it
        translation.save()
        missing = len(translation.untranslated_entries()) + len(translation.fuzzy_entries())
        print(f"{path}: {missing} of {len(translation)} terms to translate")


if __name__ == "__main__":
    main()
