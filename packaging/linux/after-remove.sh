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
