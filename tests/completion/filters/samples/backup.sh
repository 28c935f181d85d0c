#!/usr/bin/env bash
# Keeps dated copies of some directories.
set -euo pipefail

TARGET="${TARGET:-/var/backups}"
KEEP=7

usage() {
  cat <<TEXT
usage: $0 [-n] directory...
  -n  show what would be done
TEXT
}

log() {
  printf '%s %s\n' "$(date +%T)" "$*" >&2
}

archive() {
  local source=$1 name
  name="$(basename "$source")-$(date +%F).tar.gz"
  if [[ -e "$TARGET/$name" ]]; then
    log "skipping $source: $name exists"
    return 0
  fi
  tar --create --gzip --file "$TARGET/$name" "$source"
  log "wrote $name"
}

prune() {
  local prefix=$1 old
  ls -1t "$TARGET/$prefix"-*.tar.gz 2>/dev/null | tail -n +$((KEEP + 1)) | while read -r old; do
    log "removing $old"
    unlink "$old"
  done
}

dry_run=false
while getopts "nh" option; do
  case "$option" in
    n) dry_run=true ;;
    h)
      usage
      exit 0
      ;;
    *)
      usage
      exit 2
      ;;
  esac
done
shift $((OPTIND - 1))

for directory in "$@"; do
  if $dry_run; then
    echo "would archive $directory"
    continue
  fi
  archive "$directory"
  prune "$(basename "$directory")"
done
