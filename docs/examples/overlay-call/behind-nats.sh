#!/bin/sh
# Two users of an overlay, each behind a NAT with a firewall of its own, call each other: their link is made by ICE.
# All of it is in network namespaces of Linux; nobody else's network is touched.
#   sh behind-nats.sh
if [ "$1" != inside ]; then
    for tool in ip nft; do
        PATH="$PATH:/usr/sbin:/sbin" command -v $tool >/dev/null || { echo "no NATs can be made here: there is no $tool"; exit 0; }
    done
    unshare -rnm true 2>/dev/null || { echo "no NATs can be made here: unshare is not permitted"; exit 0; }
    exec unshare -rnm sh "$0" inside
fi
PATH="$PATH:/usr/sbin:/sbin"
folder=$(mktemp -d)
running=
trap 'kill $running 2>/dev/null; wait; rm -rf "$folder"' EXIT
mount -t tmpfs none /run

wait_for() { # FILE TEXT: until the file has it, half a minute at most
    tries=0
    until grep -q "$2" "$1" 2>/dev/null; do
        tries=$((tries + 1))
        [ $tries -lt 300 ] || { echo "no '$2' in:"; cat "$1"; exit 1; }
        sleep 0.1
    done
}

# The world is 203.0.113.0/24. Alice is 10.1.0.2 behind 203.0.113.11, Bob is 10.2.0.2 behind 203.0.113.12.
for name in world alice bob nat1 nat2; do
    ip netns add $name
    ip -n $name link set lo up
done
ip -n world link add bridge type bridge
ip -n world addr add 203.0.113.1/24 dev bridge
ip -n world link set bridge up
for number in 1 2; do
    who=alice
    [ $number = 1 ] || who=bob
    nat=nat$number
    ip link add outside netns $nat type veth peer name port$number netns world
    ip -n world link set port$number master bridge up
    ip -n $nat addr add 203.0.113.1$number/24 dev outside
    ip -n $nat link set outside up
    ip link add inside netns $nat type veth peer name eth0 netns $who
    ip -n $nat addr add 10.$number.0.1/24 dev inside
    ip -n $nat link set inside up
    ip -n $who addr add 10.$number.0.2/24 dev eth0
    ip -n $who link set eth0 up
    ip -n $who route add default via 10.$number.0.1
    ip netns exec $nat sh -c 'echo 1 >/proc/sys/net/ipv4/ip_forward'
    ip netns exec $nat nft '
        add table ip nat
        add chain ip nat leaving { type nat hook postrouting priority 100; }
        add rule ip nat leaving oifname outside masquerade
        add table ip wall
        add chain ip wall through { type filter hook forward priority 0; policy drop; }
        add rule ip wall through ct state established,related accept
        add rule ip wall through iifname inside accept
        add chain ip wall to { type filter hook input priority 0; policy drop; }'
done

ip netns exec world disco-ref overlay --peers 3 --host 203.0.113.1 --link ice --guests 2 --folder "$folder" >"$folder/overlay.txt" 2>&1 &
running="$running $!"
wait_for "$folder/overlay.txt" "holds what"
sed -i 's/ice 203.0.113.1:0/ice 10.1.0.2:0/' "$folder/guest1.toml"
sed -i 's/ice 203.0.113.1:0/ice 10.2.0.2:0/' "$folder/guest2.toml"

ip netns exec bob disco-ref call --wait --once --config "$folder/guest2.toml" >"$folder/called.txt" 2>&1 &
called=$!
running="$running $called"
wait_for "$folder/called.txt" "is reached here"
echo "alice:"
ip netns exec alice disco-ref call --config "$folder/guest1.toml" --seconds 1 sip:guest2@overlay.example || exit 1
wait $called
echo "bob:"
cat "$folder/called.txt"
