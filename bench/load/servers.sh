# shellcheck shell=bash disable=SC2154,SC2034,SC2016 # the runner's variables
# What bench/load/run knows about each server: whether it is here, what it can do, how to start it in the
# foreground on 127.0.0.1 with one worker thread, no privileges and no remote control, and the same data for all.
# Uses $bin (our programs), $work (the temporary folder) and peers[NAME]=COMMAND of the runner.

server_program() {
  case $1 in
    meshdns) echo "$bin/meshdns" ;;
    floor) echo "$bin/bare_responder" ;;
    knot) command -v knotd /usr/sbin/knotd | head -n 1 ;;
    kresd | nsd | unbound | dnsmasq | dnsdist) command -v "$1" "/usr/sbin/$1" | head -n 1 ;;
  esac
}

# Those of the given servers whose program is there, in one line.
installed() {
  local server program found=()
  for server in "$@"; do
    program=$(server_program "$server")
    [[ -x $program ]] && found+=("$server")
  done
  echo "${found[*]}"
}

# Those of the given servers that a workload makes sense for, in one line.
able_to() { # WORKLOAD SERVER...
  local workload=$1 server found=()
  shift
  for server in "$@"; do
    case $workload-$server in
      miss-floor | miss-nsd | miss-knot) ;;     # they forward nothing
      cached-floor | cached-nsd | cached-knot) ;;
      local-dnsdist | local-kresd) ;;           # have no such names
      tcp-dnsdist | tcp-kresd) ;;
      tcp-floor) ;;                             # UDP only
      tcp-dnsmasq) ;;                           # forks for each connection and closes it after 100 queries
      *) found+=("$server") ;;
    esac
  done
  echo "${found[*]}"
}

# Zone data in each server's format and the query files, all from one list of names.
write_data() { # COUNT
  awk -v count="$1" 'BEGIN {
    for (i = 1; i <= count; ++i) {
      printf "n%06d.mesh 240.%d.%d.%d fd00:fd00::%x:%x\n", i, i / 65536, i / 256 % 256, i % 256, i / 65536, i % 65536
    }
  }' >"$work/names"

  {
    printf 'ttl: 30\nowns: [mesh]\nrecords:\n'
    awk '{ printf "  - {name: %s, ips: [%s, \"%s\"]}\n", $1, $2, $3 }' "$work/names"
  } >"$work/zone.yaml"
  {
    printf '$ORIGIN mesh.\n$TTL 30\n@ SOA ns hostmaster 1 3600 600 86400 30\n@ NS ns\nns A 127.0.0.1\n'
    awk '{ printf "%s. A %s\n%s. AAAA %s\n", $1, $2, $1, $3 }' "$work/names"
  } >"$work/mesh.zone"
  awk '{ printf "%s %s\n%s %s\n", $2, $1, $3, $1 }' "$work/names" >"$work/hosts"

  awk '{ print $1, "A records"; print $1, "AAAA records" }' "$work/names" |
    shuf --random-source=<(yes) >"$work/local.txt"
  echo 'u00000000.example.com A records' >"$work/miss.txt"
  awk '{ sub(/\.mesh/, ".example.com", $1); print $1, "A records" }' "$work/names" |
    shuf --random-source=<(yes) >"$work/cached.txt"
}

# Sets the array `command`; the configuration file goes to $work.
write_command() { # SERVER PORT UPSTREAM_PORT
  local server=$1 port=$2 upstream=$3 program
  local conf=$work/$server.conf
  if [[ -n ${peers[$server]:-} ]]; then
    local line=${peers[$server]}
    line=${line//'{port}'/$port} line=${line//'{upstream}'/$upstream} line=${line//'{data}'/$work}
    command=(bash -c "exec $line")
    return
  fi
  program=$(server_program "$server")
  case $server in
    meshdns)
      cat >"$conf" <<TEXT
.:$port {
    bind 127.0.0.1
    mesh $work/zone.yaml
    cache
    forward . 127.0.0.1:$upstream
    errors
}
TEXT
      command=("$program" -conf "$conf" -quiet)
      ;;
    dnsdist)
      cat >"$conf" <<TEXT
setSecurityPollSuffix("")
setLocal("127.0.0.1:$port")
newServer({address="127.0.0.1:$upstream"})
getPool(""):setCache(newPacketCache(100000))
TEXT
      command=("$program" --supervised --disable-syslog -C "$conf")
      ;;
    kresd)
      cat >"$conf" <<TEXT
log_target('stderr')
net.listen('127.0.0.1', $port, { kind = 'dns' })
trust_anchors.remove('.')
modules.unload('ta_update')
modules.unload('priming')
cache.size = 100 * MB
policy.add(policy.all(policy.STUB('127.0.0.1@$upstream')))
TEXT
      mkdir -p "$work/kresd"
      command=("$program" -n -c "$conf" "$work/kresd")
      ;;
    floor) command=("$program" --listen "127.0.0.1:$port") ;;
    nsd)
      cat >"$conf" <<TEXT
server:
  server-count: 1
  ip-address: 127.0.0.1@$port
  username: ""
  chroot: ""
  zonesdir: "$work"
  database: ""
  pidfile: "$work/nsd.pid"
  xfrdfile: "$work/nsd.xfrd"
  zonelistfile: "$work/nsd.zones"
  xfrdir: "$work"
  rrl-ratelimit: 0
  tcp-query-count: 0
remote-control:
  control-enable: no
zone:
  name: mesh
  zonefile: mesh.zone
TEXT
      command=("$program" -d -c "$conf")
      ;;
    knot)
      cat >"$conf" <<TEXT
server:
  rundir: "$work"
  listen: 127.0.0.1@$port
  udp-workers: 1
  tcp-workers: 1
  background-workers: 1
database:
  storage: "$work"
log:
  - target: stderr
    any: warning
zone:
  - domain: mesh
    storage: "$work"
    file: mesh.zone
    zonefile-sync: -1
    journal-content: none
TEXT
      command=("$program" -c "$conf")
      ;;
    unbound)
      {
        cat <<TEXT
server:
  num-threads: 1
  interface: 127.0.0.1@$port
  do-daemonize: no
  username: ""
  chroot: ""
  directory: "$work"
  pidfile: ""
  use-syslog: no
  logfile: ""
  module-config: "iterator"
  do-not-query-localhost: no
  num-queries-per-thread: 2048
  outgoing-range: 4096
  incoming-num-tcp: 64
  local-zone: "mesh." static
TEXT
        awk '{
          printf "  local-data: \"%s. 30 IN A %s\"\n  local-data: \"%s. 30 IN AAAA %s\"\n", $1, $2, $1, $3
        }' "$work/names"
        cat <<TEXT
remote-control:
  control-enable: no
forward-zone:
  name: "."
  forward-addr: 127.0.0.1@$upstream
TEXT
      } >"$conf"
      command=("$program" -d -p -c "$conf")
      ;;
    dnsmasq)
      cat >"$conf" <<TEXT
keep-in-foreground
port=$port
listen-address=127.0.0.1
bind-interfaces
user=$(id -un)
pid-file=
log-facility=-
no-hosts
addn-hosts=$work/hosts
local=/mesh/
local-ttl=30
no-resolv
server=127.0.0.1#$upstream
cache-size=10000
dns-forward-max=4096
TEXT
      command=("$program" -C "$conf")
      ;;
  esac
}
