#!/bin/sh
# Runs as root after the package's files are gone. Wallets and runs lie in the homes of users and stay there.
set -e
# An upgrade has installed the new profile by then.
case "$1" in remove | purge) ;; *) exit 0 ;; esac

profile='/etc/apparmor.d/${executable}'
if [ -f "$profile" ]; then
  if command -v apparmor_parser >/dev/null; then apparmor_parser --remove "$profile" >/dev/null 2>&1 || true; fi
  rm -f "$profile"
fi

# What the list of kinds of files was told on installing.
if command -v update-mime-database >/dev/null; then update-mime-database /usr/share/mime || true; fi
if command -v update-desktop-database >/dev/null; then update-desktop-database -q /usr/share/applications || true; fi
