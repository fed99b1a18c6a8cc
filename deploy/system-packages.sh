#!/bin/sh
# Installs the system packages that Python packages cannot bring, where they are missing and this may
# install (root, or sudo without a password, on Debian or Ubuntu). Says what it does; elsewhere it says
# what to install and goes on.
#
#   deploy/system-packages.sh run     to make reports: Pango, which lays out the PDF, and its fonts
#   deploy/system-packages.sh test    also what tests open results in: Chromium and LibreOffice
set -eu

missing=""
need() { # need <package> <command that succeeds when it is there>
    if ! sh -c "$2" >/dev/null 2>&1; then
        missing="$missing $1"
    fi
}

library() {
    printf "ldconfig -p | grep -q '%s' || ls /usr/lib/*/%s* /lib/*/%s* 2>/dev/null | grep -q ." "$1" "$1" "$1"
}

need libpango-1.0-0 "$(library libpango-1.0.so.0)"
need libpangoft2-1.0-0 "$(library libpangoft2-1.0.so.0)"
need libharfbuzz-subset0 "$(library libharfbuzz-subset.so.0)"
need fonts-dejavu-core "ls /usr/share/fonts/truetype/dejavu/DejaVuSans.ttf"
if [ "${1:-run}" = test ]; then
    need chromium "command -v chromium || command -v chromium-browser || command -v google-chrome"
    need libreoffice-calc-nogui "command -v soffice"
    need poppler-utils "command -v pdftotext"
fi
[ -n "$missing" ] || exit 0

if ! command -v apt-get >/dev/null; then
    echo "Please install the system's packages like Debian's:$missing"
    exit 0
fi
sudo=""
if [ "$(id -u)" != 0 ]; then
    if ! sudo -n true 2>/dev/null; then
        echo "Please install these system packages: sudo apt-get install --no-install-recommends$missing"
        exit 0
    fi
    sudo="sudo -n"
fi
echo "Installing system packages:$missing …"
log=$(mktemp)
if ! { $sudo apt-get update -qq && DEBIAN_FRONTEND=noninteractive \
    $sudo apt-get install -qq -y --no-install-recommends $missing; } >"$log" 2>&1; then
    tail -n 5 "$log"
    echo "They could not be installed. What needs them will say so."
fi
rm -f "$log"
