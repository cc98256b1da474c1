#!/usr/bin/env bash
# A stranger's admin client makes, describes, alters, grows, empties and deletes a topic.
#
#   admin.sh ACKLAB DIRECTORY CLIENT     DIRECTORY is what build.sh filled
set -u
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
built=${2:?usage: $0 ACKLAB DIRECTORY CLIENT} client=$3
source "$here/../serve.sh"

missing=
case $client in
  kafka_python)
    /usr/bin/python3 -c 'import kafka' 2>/dev/null || missing="python3-kafka is not installed"
    program=(/usr/bin/python3 "$here/kafka_python_admin.py") ;;
  kafkajs)
    missing=$(cat "$built/node_modules.missing" 2>/dev/null)
    program=(node "$here/kafkajs_admin.js") ;;
  *) fail "there is no client $client" ;;
esac
[ -z "$missing" ] || { echo "SKIPPED: $missing"; exit 77; }

start_serve --brokers 3
NODE_PATH="$built/node_modules" "${program[@]}" "$bootstrap" || fail "$client, as it says above"
stop_serve || fail "serve ended with $?"
echo "$client: created, described, altered, grew and deleted a topic"
