#!/bin/sh
# Runs as root once the package's files are in place.
set -e
app='/opt/${sanitizedProductName}'

# Where the kernel gives people no user namespaces, Chromium's sandbox needs its helper to be root's. Root itself gets
# them everywhere, so it is asked as somebody without rights.
if runuser -u nobody -- unshare --user --map-root-user true 2>/dev/null; then mode=0755; else mode=4755; fi
chmod "$mode" "$app/chrome-sandbox"

# A profile of a syntax that this AppArmor does not know is left out: systems of that age need none.
profile="$app/resources/apparmor-profile"
if command -v apparmor_parser >/dev/null && apparmor_parser --skip-kernel-load --skip-cache "$profile" >/dev/null 2>&1; then
  install -m 0644 "$profile" '/etc/apparmor.d/${executable}'
  apparmor_parser --replace --write-cache --skip-read-cache '/etc/apparmor.d/${executable}' >/dev/null 2>&1 || true
fi

if command -v update-mime-database >/dev/null; then update-mime-database /usr/share/mime || true; fi
if command -v update-desktop-database >/dev/null; then update-desktop-database -q /usr/share/applications || true; fi
