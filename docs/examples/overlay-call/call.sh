#!/bin/sh
# Two users of an overlay call each other; where packets may be captured, the call is shown as Wireshark sees it.
#   sh call.sh          links are TLS
#   sh call.sh ice      links are made by ICE, over DTLS
link=${1:-tls}
folder=$(mktemp -d)
running=
trap 'kill $running 2>/dev/null; wait; rm -rf "$folder"' EXIT

wait_for() { # FILE TEXT: until the file has it, half a minute at most
    tries=0
    until grep -q "$2" "$1" 2>/dev/null; do
        tries=$((tries + 1))
        [ $tries -lt 300 ] || { echo "no '$2' in:"; cat "$1"; exit 1; }
        sleep 0.1
    done
}

# An overlay of four peers, and files for two members more.
disco-ref overlay --peers 4 --port 0 --link "$link" --guests 2 --folder "$folder" >"$folder/overlay.txt" 2>&1 &
running="$running $!"
wait_for "$folder/overlay.txt" "holds what"

dumpcap -q -i lo -w "$folder/call.pcapng" -a duration:60 2>"$folder/capture.txt" &
capture=$!
running="$running $capture"
sleep 0.5

# The second one waits: it joins, and stores under its name where it is.
disco-ref call --wait --once --config "$folder/guest2.toml" --key-log "$folder/keys.txt" >"$folder/called.txt" 2>&1 &
called=$!
running="$running $called"
wait_for "$folder/called.txt" "is reached here"

# The first one calls: it joins, looks up the name, has a link made by AppAttach, and calls over it.
echo "caller:"
disco-ref call --config "$folder/guest1.toml" --seconds 1 sip:guest2@overlay.example --key-log "$folder/keys.txt" || exit 1
wait $called
echo "called:"
cat "$folder/called.txt"

# The secrets of the links go into the capture; the address of the link for SIP says which of them to read as SIP.
sleep 0.5
kill -INT $capture 2>/dev/null && wait $capture
port=$(sed -n 's/.*a link for SIP: .* to .*:\([0-9]*\), node.*/\1/p' "$folder/called.txt")
if [ "$link" = tls ] && editcap --inject-secrets "tls,$folder/keys.txt" "$folder/call.pcapng" "$folder/open.pcapng" 2>/dev/null; then
    echo "captured:"
    tshark -r "$folder/open.pcapng" -d "tls.port==$port,sip" -Y sip -T fields -e _ws.col.Info 2>/dev/null
elif [ "$link" = ice ] && [ -s "$folder/call.pcapng" ]; then
    echo "captured:"
    tshark -r "$folder/call.pcapng" -Y "udp.port==$port" -T fields -e _ws.col.Protocol -e _ws.col.Info 2>/dev/null
else
    echo "nothing may be captured here"
fi
