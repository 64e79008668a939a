// Names that others know: forward.
#include <utility>

#include <fmt/format.h>

#include "dns/corefile/directives.hpp"
#include "dns/corefile/fault.hpp"
#include "dns/corefile/forward_options.hpp"
#include "dns/corefile/upstream_words.hpp"
#include "dns/corefile/zone_key.hpp"

namespace meshdns::corefile {
namespace {

Result<void> apply_forward(const Statement& statement, BlockDraft& draft) {
  const auto from = parse_zone_key(statement.words[1]);
  if (!from) {
    return std::unexpected(from.error());
  }
  if (from->zones.size() > 1) {
    draft.warnings.push_back(fmt::format(
        "{}:{}: '{}' stands for {} zones, only '{}' is forwarded", statement.words[1].source->name,
        statement.words[1].line, statement.words[1].text, from->zones.size(), from->zones[0].to_string()));
  }
  ForwardOptions forward;
  forward.from = from->zones.front();
  forward.where = location_of(statement.words.front());
  auto to = parse_upstreams(statement.words, 2);
  if (!to) {
    return std::unexpected(std::move(to.error()));
  }
  forward.to = *std::move(to);
  draft.options.forward.push_back(std::move(forward));
  return {};
}

constexpr Option kForwardOptions[] = {
    {"policy",
     {"sequential|round_robin|random", 1, 1},
     "sequential",
     "Which upstream is asked first: the first one written that is up, each in turn, or any. Without this "
     "line `rotate` in a file of TO means round_robin. (CoreDNS: random.)",
     apply_policy},
    {"except", {"ZONE...", 1}, "none", "Zones below FROM that are not forwarded by this line.", apply_except},
    {"next",
     {"RCODE...", 1},
     "none",
     "With one of these codes (SERVFAIL: also without any answer) the next `forward` of the block that "
     "covers the "
     "name is asked, in what is left of the 4.4 s. Without such a line the answer is passed on.",
     apply_next},
    {"next_on_nodata", {"", 0, 0}, "off", "The same for NOERROR without an answer.", apply_next_on_nodata},
    {"failover",
     {"RCODE...", 1},
     "none",
     "Codes that are not taken from one upstream alone: the others are asked, the best code is passed on. "
     "SERVFAIL, REFUSED, NOTIMP and FORMERR are never taken from one alone; of use is NXDOMAIN. NOERROR is "
     "not "
     "possible.",
     apply_failover},
    {"max_concurrent",
     {"N", 1, 1},
     "0",
     "Different questions of this line in flight, of all workers together; above it queries are answered "
     "REFUSED. 0: only "
     "the limit of the whole table (4096 per worker, then SERVFAIL).",
     apply_max_concurrent},
    {"max_rate",
     {"QPS [BURST]", 1, 2},
     "none",
     "Messages per second that one upstream is sent, of all workers together, repeated ones and probes "
     "included, and how many of them may leave at once (default: QPS). An upstream that may not be sent to "
     "is "
     "passed over for the next one; when there is none, the question waits for its turn as long as there is "
     "time for an answer. `forward` lines that give an upstream the same numbers share them.",
     apply_max_rate},
    {"force_tcp", {"", 0, 0}, "off", "Upstreams are asked over TCP only.", apply_force_tcp},
    {"prefer_udp",
     {"", 0, 0},
     "",
     "Unless `force_tcp` is given, upstreams are asked over UDP whatever the client used, and over TCP when "
     "the reply was truncated: with this line also those of a file that says `use-vc`.",
     apply_prefer_udp},
    {"tls",
     {"[CA] | CERT KEY [CA]", 0, 3},
     "the system's CAs",
     "For `tls://` upstreams, PEM files: the CAs that their certificates must come from, and our own "
     "certificate "
     "where they want one.",
     apply_tls},
    {"tls_servername",
     {"NAME", 1, 1},
     "the address",
     "The name that the certificates of `tls://` upstreams must be for, where TO itself names none.",
     apply_tls_servername},
    {"max_fails",
     {"N", 1, 1},
     "1",
     "Failures in a row (nothing for 0.4 s, a closed port, a broken connection) after which an upstream "
     "counts as "
     "down: it is asked last, and probed until it answers anything. 0: never. (CoreDNS: more than 2.)",
     apply_max_fails},
    {"health_check",
     {"DURATION [no_rec] [domain NAME]", 1, 4},
     "1s",
     "How often each worker probes an upstream that is down, at least 100ms; 0: never. Asked for are the NS "
     "records of NAME (default: the root), with `no_rec` without recursion.",
     apply_health_check},
    {"failfast_all_unhealthy_upstreams",
     {"", 0, 0},
     "off",
     "When all upstreams are down, queries fail at once instead of trying them.",
     apply_fail_fast},
    {"max_connect_attempts",
     {"N", 1, 1},
     "0",
     "Messages per question, the TCP one after a truncated reply not counted. 0: as many as there is time "
     "for (5 "
     "to silent upstreams). With this line `attempts` in a file of TO is not looked at.",
     apply_max_connect_attempts},
    {"read_timeout",
     {"DURATION", 1, 1},
     "",
     "Accepted, changes nothing: an upstream is waited for until the question ends, and after 0.4 s of "
     "silence "
     "the next one is asked in addition.",
     apply_read_timeout},
    {"expire",
     {"DURATION", 1, 1},
     "10s",
     "Idle TCP and TLS connections are not used again after this time. UDP sockets are not after it, nor "
     "after "
     "10 s, 100 queries, or one that stayed unanswered.",
     apply_expire},
    {"max_age",
     {"DURATION", 1, 1},
     "0",
     "Age at which a TCP or TLS connection is not used again, not below `expire`. 0: none.",
     apply_max_age},
    {"max_idle_conns",
     {"N", 1, 1},
     "0",
     "Idle TCP and TLS connections that each worker keeps per upstream. 0: as many as it may open (64).",
     apply_max_idle_conns},
    {"trust_ad",
     {"", 0, 0},
     "off",
     "Clients that ask for it (with AD or DO) see the AD bit of the upstreams, which says that they have "
     "validated the answer: for upstreams that do, behind a network that nobody else can write to. Without "
     "this "
     "line the bit is passed on from those of a file that says `trust-ad` only. (CoreDNS passes every bit "
     "on.)",
     apply_trust_ad},
    {"mark",
     {"N", 1, 1},
     "none",
     "The firewall mark (SO_MARK) of everything that is sent to the upstreams, decimal or with 0x: rules can "
     "tell it from what applications send. Needs CAP_NET_ADMIN at the start.",
     apply_mark},
    {"source_address",
     {"IP", 1, 1},
     "none",
     "The address that queries to upstreams come from; upstreams of the other family are skipped.",
     apply_source_address},
    {"relay_updates",
     {"", 0, 0},
     "off",
     "UPDATE messages (RFC 2136) for zones at or below FROM are passed to the first upstream as the client "
     "wrote them, over the transport that it used (TCP with `force_tcp`), and the answer back; to the next "
     "one only while nobody has answered. After 4 s SERVFAIL. The upstream sees an address of this host: let "
     "it judge by TSIG, and `acl` (as of a query for the zone's SOA) who may get there. REFUSED where the "
     "block itself answers for the zone, and for names that the mesh owns. Not for `tls://` upstreams. Off: "
     "NOTIMP.",
     apply_relay_updates},
    {"resolver",
     {"IP[:PORT]...", 1, 15},
     "those of /etc/resolv.conf",
     "Who is asked for the addresses of host names in TO.",
     apply_resolver},
};

}  // namespace

const Directive kForward = {
    "forward",
    {"FROM TO...", 2},
    true,
    "Asks upstream servers for names at or below the zone FROM. TO, 1 to 15 of them: an address (`10.0.0.2`, "
    "`10.0.0.2:5353`, `[2001:db8::1]:53`, `fe80::1%eth0`, each also with `dns://` before it), "
    "`tls://IP[:PORT][%NAME]` (over TLS, port 853; the certificate must be for NAME), a file such as "
    "`/etc/resolv.conf`, whose `nameserver` and `options` lines are used and read again when it changes, or "
    "a "
    "host name of two "
    "labels or more, whose addresses are looked up at each load. Of several lines the first one whose FROM "
    "covers the name is used. Of the options of such a file, `rotate` is `policy round_robin`, `use-vc` asks "
    "its "
    "servers over TCP, `trust-ad` is `trust_ad` for them, `attempts:N` (1..5) bounds the messages to each "
    "upstream per question, and `timeout:N` (1..30 s) ends a question so long after its last message, if "
    "that is earlier than the 4.4 s that every question ends in. What the directive itself says comes first; "
    "`edns0` changes nothing (upstreams are always asked with EDNS), and others are ignored.",
    kForwardOptions,
    apply_forward,
};

}  // namespace meshdns::corefile
