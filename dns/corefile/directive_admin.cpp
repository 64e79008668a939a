// What operators and their tools are shown, and the configuration itself: prometheus, admin, health, ready,
// reload.
#include <algorithm>

#include <fmt/format.h>

#include "dns/corefile/directives.hpp"
#include "dns/corefile/duration.hpp"
#include "dns/corefile/fault.hpp"
#include "dns/corefile/http_address.hpp"
#include "dns/corefile/web_config.hpp"

namespace meshdns::corefile {
namespace {

constexpr std::chrono::milliseconds kMinInterval{2'000};
constexpr std::chrono::milliseconds kMinJitter{1'000};
constexpr std::chrono::milliseconds kMaxLameduck{3'600'000};

Result<std::vector<SocketAddress>> address_of(const Statement& statement, std::string_view by_default) {
  return parse_http_address(statement.argument_count() == 0 ? by_default : statement.words[1].text);
}

Result<std::chrono::milliseconds> duration_of(const Token& word) {
  const auto duration = parse_duration(word.text);
  if (!duration) {
    return parse_error(word,
                       fmt::format("invalid duration '{}', expected one such as 5s or 1m30s", word.text));
  }
  return *duration;
}

Result<void> apply_prometheus(const Statement& statement, BlockDraft& draft) {
  auto listen = address_of(statement, "localhost:9153");
  if (!listen) {
    return std::unexpected(std::move(listen.error()));
  }
  draft.options.prometheus = PrometheusOptions{
      .listen = *std::move(listen), .tls = {}, .where = location_of(statement.words.front())};
  return {};
}

Result<void> accept_runtime_metrics(const Statement&, BlockDraft&) {
  return {};
}

Result<void> apply_metrics_tls(const Statement& statement, BlockDraft& draft) {
  auto& tls = draft.options.prometheus->tls;
  if (tls) {
    return parse_error(statement.words.front(), "tls is given twice");
  }
  auto read = read_web_config(draft.path(statement.words[1].text));
  if (!read) {
    return parse_error(statement.words[1], read.error().what);
  }
  tls = *std::move(read);
  return {};
}

Result<void> apply_admin(const Statement& statement, BlockDraft& draft) {
  auto listen = address_of(statement, "127.0.0.1:15059");
  if (!listen) {
    return std::unexpected(std::move(listen.error()));
  }
  if (!std::ranges::all_of(*listen, [](const SocketAddress& address) { return address.ip.is_loopback(); })) {
    return parse_error(statement.words.back(),
                       fmt::format("'{}' is no loopback address: the pages tell everything to everybody who "
                                   "can reach them; expected one such as 127.0.0.1:15059, [::1]:15059 or "
                                   "localhost:15059",
                                   statement.words.back().text));
  }
  draft.admin = AdminOptions{*std::move(listen), location_of(statement.words.front())};
  return {};
}

Result<void> apply_health(const Statement& statement, BlockDraft& draft) {
  auto listen = address_of(statement, ":8080");
  if (!listen) {
    return std::unexpected(std::move(listen.error()));
  }
  draft.options.health =
      HealthOptions{.listen = *std::move(listen), .where = location_of(statement.words.front())};
  return {};
}

Result<void> apply_lameduck(const Statement& statement, BlockDraft& draft) {
  const auto lameduck = duration_of(statement.words[1]);
  if (!lameduck) {
    return std::unexpected(lameduck.error());
  }
  if (*lameduck > kMaxLameduck) {
    return parse_error(statement.words[1],
                       fmt::format("lameduck '{}' is longer than an hour", statement.words[1].text));
  }
  draft.options.health->lameduck = *lameduck;
  return {};
}

Result<void> apply_ready(const Statement& statement, BlockDraft& draft) {
  auto listen = address_of(statement, ":8181");
  if (!listen) {
    return std::unexpected(std::move(listen.error()));
  }
  draft.options.ready =
      ReadyOptions{.listen = *std::move(listen), .where = location_of(statement.words.front())};
  return {};
}

Result<void> apply_monitor(const Statement& statement, BlockDraft& draft) {
  const Token& word = statement.words[1];
  if (word.text != "until-ready" && word.text != "continuously") {
    return parse_error(word,
                       fmt::format("monitor mode '{}', expected until-ready or continuously", word.text));
  }
  draft.options.ready->continuously = word.text == "continuously";
  return {};
}

Result<void> apply_fail_open(const Statement& statement, BlockDraft& draft) {
  if (statement.words[1].text == "never") {
    draft.options.ready->fail_open_after = std::chrono::milliseconds(0);
    return {};
  }
  const auto duration = duration_of(statement.words[1]);
  if (!duration) {
    return std::unexpected(duration.error());
  }
  draft.options.ready->fail_open_after = std::max(*duration, std::chrono::milliseconds(1));
  return {};
}

Result<void> apply_reload(const Statement& statement, BlockDraft& draft) {
  ReloadOptions reload;
  if (statement.argument_count() > 0) {
    const auto interval = duration_of(statement.words[1]);
    if (!interval) {
      return std::unexpected(interval.error());
    }
    if (*interval < kMinInterval) {
      return parse_error(statement.words[1], "interval value must be greater or equal to 2s");
    }
    reload.interval = *interval;
  }
  if (statement.argument_count() > 1) {
    const auto jitter = duration_of(statement.words[2]);
    if (!jitter) {
      return std::unexpected(jitter.error());
    }
    if (jitter->count() != 0 && *jitter < kMinJitter) {
      return parse_error(statement.words[2], "jitter value must be 0, or greater or equal to 1s");
    }
    reload.jitter = *jitter;
  }
  reload.jitter = std::min(reload.jitter, reload.interval / 2);
  draft.reload = reload;
  return {};
}

constexpr Option kPrometheusOptions[] = {
    {"runtime_metrics",
     {"", 0, 0},
     "off",
     "Accepted; there is no Go runtime to measure. `process_*` metrics are always there.",
     accept_runtime_metrics},
    {"tls",
     {"FILE", 1, 1},
     "off",
     "Metrics over TLS only. FILE is what Prometheus's exporters call a web configuration: below "
     "`tls_server_config` the keys `cert_file`, `key_file`, `client_ca_file`, `client_auth_type` "
     "(`NoClientCert`, `VerifyClientCertIfGiven`, `RequireAndVerifyClientCert`) and `min_version` (`TLS12`, "
     "`TLS13`). A renewed certificate is used from the next connection on. All that share an ADDRESS have to "
     "agree. `basic_auth_users` is not supported.",
     apply_metrics_tls},
};

constexpr Option kHealthOptions[] = {
    {"lameduck",
     {"DURATION", 1, 1},
     "0s",
     "How long the server goes on serving after SIGTERM before it begins to stop. kuma-dp kills after 5s.",
     apply_lameduck},
};

constexpr Option kReadyOptions[] = {
    {"monitor",
     {"until-ready|continuously", 1, 1},
     "until-ready",
     "Whether what was ready once stays ready, or is looked at again each time.",
     apply_monitor},
    {"fail_open_after",
     {"DURATION|never", 1, 1},
     "15s",
     "Time since the start after which `/ready` says `OK` although a mesh zone is still missing, with a "
     "warning. Not in CoreDNS.",
     apply_fail_open},
};

}  // namespace

const Directive kPrometheus = {
    "prometheus",
    {"[ADDRESS]", 0, 1},
    false,
    "Serves metrics at `http://ADDRESS/metrics`, under the names that CoreDNS and the DNS proxy of kuma-dp "
    "use; what is ours alone begins with `meshdns_`. The queries of this server block are counted. ADDRESS "
    "is "
    "`localhost:9153` unless given; without a host (`:9153`) it means every address. Server blocks with the "
    "same ADDRESS share it. If the port is taken, that is logged and DNS works on without it.",
    kPrometheusOptions,
    apply_prometheus,
};

const Directive kAdmin = {
    "admin",
    {"[ADDRESS]", 0, 1},
    false,
    "Says at `http://ADDRESS` what the server knows and does, as JSON: `/zone` (`?name=` or `?suffix=`: "
    "every "
    "name of the mesh, with addresses, TTL, what made it, file and line), `/upstreams` (round-trip time, "
    "failures, last error), `/inflight` (questions to upstreams, the oldest first), `/cache?name=` "
    "(`&type=`: "
    "what is kept of it, what is left of its TTLs), `/explain?name=` (`&type=`, `A` unless given: who would "
    "answer, and why). ADDRESS is `127.0.0.1:15059` unless given, and must be of the loopback interface: "
    "everybody who can reach it may ask everything, but for web pages: a request whose Host is neither an "
    "address nor `localhost` gets 403. It holds for the whole server; addresses of several "
    "blocks add up. With it the mesh zone stays in memory a second time, as it was read. If the port is "
    "taken, that is logged and DNS works on without it. Not in CoreDNS.",
    {},
    apply_admin,
};

const Directive kHealth = {
    "health",
    {"[ADDRESS]", 0, 1},
    false,
    "Says `OK` at `http://ADDRESS/health` as long as the process lives. ADDRESS is `:8080` unless given.",
    kHealthOptions,
    apply_health,
};

const Directive kReady = {
    "ready",
    {"[ADDRESS]", 0, 1},
    false,
    "Says `OK` at `http://ADDRESS/ready` when the server listens and every mesh zone was loaded once, or its "
    "last good copy; before that 503 with a list of what is missing, and 503 from the moment of SIGTERM. "
    "ADDRESS is `:8181` unless given.",
    kReadyOptions,
    apply_ready,
};

const Directive kReload = {
    "reload",
    {"[INTERVAL] [JITTER]", 0, 2},
    false,
    "Looks every INTERVAL (`30s`, at least `2s`), give or take half of JITTER (`15s`, at least `1s`, or "
    "`0`), "
    "whether the Corefile or what it imports says something else, and puts that in force. A file with a "
    "fault "
    "is tried once; what is in force stays. It holds for the whole server; the first `reload` counts.",
    {},
    apply_reload,
};

}  // namespace meshdns::corefile
