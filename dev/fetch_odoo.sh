#!/bin/bash
# fetch_odoo.sh DEST: unpack Odoo 19 from the Debian archive that this machine's apt already uses.
# Needs no root. The mirror is whatever apt knows; apt checks the signatures.
set -euo pipefail
dest=$(mkdir -p "$1" && cd "$1" && pwd)
work=$dest/apt
mkdir -p "$work"/{lists/partial,cache/archives/partial,debs,empty}

# Odoo itself comes from sid; two font packages must be the older ones, which its links expect.
fonts=${ODOO_DEB_STABLE:-bookworm}
keyring=${ODOO_DEB_KEYRING:-/usr/share/keyrings/debian-archive-keyring.gpg}
known_mirrors() { apt-get indextargets --format '$(REPO_URI) $(RELEASE)' 'Created-By: Packages'; }
mirror=${ODOO_DEB_MIRROR:-$(known_mirrors | awk -v release="$fonts" '$2 == release {print $1; exit}')}
[ -n "$mirror" ] || mirror=$(known_mirrors | grep -v -i secur | awk 'NR == 1 {print $1}')
if [ -z "$mirror" ] || [ ! -r "$keyring" ]; then
    echo "apt knows no Debian mirror, or its keyring is missing" >&2
    exit 3
fi

printf 'deb [signed-by=%s] %s %s main\n' \
    "$keyring" "$mirror" sid "$keyring" "$mirror" "$fonts" > "$work/sources.list"
cat > "$work/apt.conf" <<CONF
Dir::Etc::SourceList "$work/sources.list";
Dir::Etc::SourceParts "$work/empty";
Dir::Etc::Preferences "/dev/null";
Dir::Etc::PreferencesParts "$work/empty";
Dir::State "$work";
Dir::State::Lists "$work/lists";
Dir::State::status "$work/status";
Dir::Cache "$work/cache";
Acquire::Languages "none";
Acquire::IndexTargets::deb::DEP-11::DefaultEnabled "false";
Acquire::IndexTargets::deb::CNF::DefaultEnabled "false";
APT::Sandbox::User "";
Debug::NoLocking "1";
CONF
: > "$work/status"
export APT_CONFIG=$work/apt.conf

echo "Reading the package lists"
apt-get -qq update
cd "$work/debs"
echo "Downloading odoo-19 and the files it links to"
apt-get -qq download odoo-19/sid libjs-jquery/sid libjs-jquery-form/sid libjs-underscore/sid \
    fonts-montserrat/sid fonts-ocr-b/sid fonts-roboto-unhinted/sid \
    fonts-glyphicons-halflings/sid "fonts-font-awesome/$fonts" "fonts-inconsolata/$fonts"
mkdir -p "$dest/root" "$dest/src"
for package in *.deb; do
    dpkg-deb -x "$package" "$dest/root"
done
ln -sfn ../root/usr/lib/python3/dist-packages/odoo "$dest/src/odoo"
sha256sum -- *.deb > "$dest/SHA256SUMS"
rm -rf "$work"
