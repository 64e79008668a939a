#include "redirect/backend/nftables_backend.hpp"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <memory>
#include <ranges>
#include <string_view>

#include <fmt/format.h>
#include <linux/netfilter/nf_tables.h>
#include <linux/netfilter/nfnetlink.h>
#include <linux/netlink.h>
#include <nftables/libnftables.h>
#include <sys/socket.h>
#include <unistd.h>

#include "redirect/plan/nft_text.hpp"

namespace meshdns::redirect {
namespace {

struct FreeContext {
  void operator()(nft_ctx* context) const { nft_ctx_free(context); }
};
using Context = std::unique_ptr<nft_ctx, FreeContext>;

// Asks nf_tables for its generation number, the cheapest question there is. 0 or an errno.
int ask_generation() {
  const int fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_NETFILTER);
  if (fd < 0) {
    return errno;
  }
  struct {
    nlmsghdr header;
    nfgenmsg body;
  } question{};
  question.header.nlmsg_len = sizeof question;
  question.header.nlmsg_type = (NFNL_SUBSYS_NFTABLES << 8) | NFT_MSG_GETGEN;
  question.header.nlmsg_flags = NLM_F_REQUEST | NLM_F_ACK;
  question.body.version = NFNETLINK_V0;

  struct {
    nlmsghdr header;
    nlmsgerr error;
    char rest[512];
  } answer{};
  int problem = 0;
  if (send(fd, &question, sizeof question, 0) < 0 || recv(fd, &answer, sizeof answer, 0) < 0) {
    problem = errno;
  } else if (answer.header.nlmsg_type == NLMSG_ERROR) {
    problem = -answer.error.error;
  }
  close(fd);
  return problem;
}

// libnftables ends the process when it cannot reach the kernel and words a missing privilege in several ways,
// so both are found out before it is called.
Result<Context> open_nftables() {
  switch (const int problem = ask_generation()) {
    case 0:
      break;
    case EPERM:
    case EACCES:
      return fail(Errc::NotPermitted, "the rules of this host need CAP_NET_ADMIN: run this as root");
    case EINVAL:
    case EPROTONOSUPPORT:
    case EAFNOSUPPORT:
      return fail(Errc::Unsupported, "this kernel has no nftables: the module nf_tables is missing");
    default:
      return fail(Errc::Internal, fmt::format("cannot talk to nftables: {}", std::strerror(problem)));
  }
  Context context(nft_ctx_new(NFT_CTX_DEFAULT));
  if (!context || nft_ctx_buffer_output(context.get()) != 0 || nft_ctx_buffer_error(context.get()) != 0) {
    return fail(Errc::Internal, "libnftables cannot be started: out of memory");
  }
  nft_ctx_output_set_flags(context.get(), NFT_CTX_OUTPUT_NUMERIC_PRIO);
  return context;
}

Error refusal(const Context& context) {
  std::string_view text = nft_ctx_get_error_buffer(context.get());
  text = text.substr(0, text.find('\n'));
  if (const auto error = text.find("Error: "); error != std::string_view::npos) {
    text.remove_prefix(error + std::strlen("Error: "));
  }
  const auto says = [&](int code) { return text.find(std::strerror(code)) != std::string_view::npos; };
  if (says(EPERM)) {
    return {Errc::NotPermitted,
            fmt::format("nftables refused ({}): another program owns the table {}", text, kTable)};
  }
  if (says(ENOENT) || says(EOPNOTSUPP)) {
    return {Errc::Unsupported, fmt::format("nftables refused ({}): this kernel lacks one of the modules "
                                           "nft_chain_nat, nft_redir, nft_ct, nft_log, nf_conntrack",
                                           text)};
  }
  return {Errc::Internal, fmt::format("nftables refused: {}", text.empty() ? "no reason given" : text)};
}

Result<std::string> run(const Context& context, const std::string& commands) {
  if (nft_run_cmd_from_buffer(context.get(), commands.c_str()) != 0) {
    return std::unexpected(refusal(context));
  }
  return nft_ctx_get_output_buffer(context.get());
}

Result<std::optional<std::string>> list(const Context& context) {
  const Result<std::string> tables = run(context, "list tables inet");
  if (!tables) {
    return std::unexpected(tables.error());
  }
  if (!fmt::format("\n{}", *tables).contains(fmt::format("\ntable {}\n", kTable))) {
    return std::nullopt;
  }
  return run(context, fmt::format("list table {}", kTable));
}

// All planned rules are there.
Result<void> read_back(const Context& context, const Plan& plan) {
  const auto listing = list(context);
  if (!listing) {
    return std::unexpected(listing.error());
  }
  for (const Table& table : plan.tables) {
    for (const Chain& chain : table.chains) {
      for (const Rule& rule : chain.rules) {
        if (!listing->value_or("").contains(fmt::format("comment \"{}\"", rule.comment))) {
          return fail(Errc::Internal, fmt::format("the kernel does not list the rule \"{}\"", rule.comment));
        }
      }
    }
  }
  return {};
}

// Nothing but base chains without a rule, that accept what comes.
bool is_empty(std::string_view listing) {
  for (const auto part : std::views::split(listing, '\n')) {
    std::string_view line(part.begin(), part.end());
    line.remove_prefix(std::min(line.find_first_not_of(" \t"), line.size()));
    const bool is_base = line.starts_with("type ") && line.ends_with("policy accept;");
    if (!line.empty() && line != "}" && !line.starts_with("table ") && !line.starts_with("chain ") &&
        !is_base) {
      return false;
    }
  }
  const auto count = [&](std::string_view word) {
    std::size_t found = 0;
    for (std::size_t at = listing.find(word); at != std::string_view::npos; at = listing.find(word, at + 1)) {
      ++found;
    }
    return found;
  };
  return count("\tchain ") == count("\ttype ");
}

}  // namespace

Result<void> try_nftables(const Plan& plan) {
  const Result<Context> context = open_nftables();
  if (!context) {
    return std::unexpected(context.error());
  }
  nft_ctx_set_dry_run(context->get(), true);
  const auto tried = run(*context, nft_install_text(plan));
  return tried ? Result<void>() : std::unexpected(tried.error());
}

Result<void> apply_nftables(const Plan& plan, const std::function<Result<void>()>& last) {
  const Result<Context> context = open_nftables();
  if (!context) {
    return std::unexpected(context.error());
  }
  const auto before = list(*context);
  if (!before) {
    return std::unexpected(before.error());
  }
  if (const auto applied = run(*context, nft_install_text(plan)); !applied) {
    return std::unexpected(applied.error());
  }
  Result<void> done = read_back(*context, plan);
  if (done && last) {
    done = last();
  }
  if (done) {
    return {};
  }
  const auto restored = run(*context, nft_uninstall_text() + before->value_or(""));
  return fail(done.error().code,
              fmt::format("{}; {}", done.error().what,
                          restored ? "the rules of nftables are as before" : restored.error().what));
}

Result<void> check_nftables() {
  const Result<Context> context = open_nftables();
  return context ? Result<void>() : std::unexpected(context.error());
}

Result<bool> remove_nftables() {
  const Result<Context> context = open_nftables();
  if (!context) {
    return std::unexpected(context.error());
  }
  const auto before = list(*context);
  if (!before || !*before) {
    return before ? Result<bool>(false) : std::unexpected(before.error());
  }
  if (const auto removed = run(*context, nft_uninstall_text()); !removed) {
    return std::unexpected(removed.error());
  }
  return true;
}

Result<std::optional<std::string>> list_nftables(Counters counters) {
  const Result<Context> context = open_nftables();
  if (!context) {
    return std::unexpected(context.error());
  }
  if (counters == Counters::Hidden) {
    nft_ctx_output_set_flags(context->get(), NFT_CTX_OUTPUT_NUMERIC_PRIO | NFT_CTX_OUTPUT_STATELESS);
  }
  return list(*context);
}

Result<std::vector<std::string>> list_iptables_tables() {
  const Result<Context> context = open_nftables();
  if (!context) {
    return std::unexpected(context.error());
  }
  const Result<std::string> listed = run(*context, "list tables");
  if (!listed) {
    return std::unexpected(listed.error());
  }
  std::vector<std::string> found;
  for (const char* table : {"ip raw", "ip nat", "ip mangle", "ip6 raw", "ip6 nat", "ip6 mangle"}) {
    if (fmt::format("\n{}\n", *listed).contains(fmt::format("\ntable {}\n", table))) {
      found.emplace_back(table);
    }
  }
  return found;
}

Result<void> remove_empty_iptables_tables(const std::vector<std::string>& tables) {
  const Result<Context> context = open_nftables();
  if (!context) {
    return std::unexpected(context.error());
  }
  const auto there = list_iptables_tables();
  for (const std::string& table : tables) {
    if (!there || std::ranges::find(*there, table) == there->end()) {
      continue;
    }
    const Result<std::string> listed = run(*context, "list table " + table);
    if (listed && is_empty(*listed)) {
      if (const auto removed = run(*context, "delete table " + table); !removed) {
        return std::unexpected(removed.error());
      }
    }
  }
  return {};
}

}  // namespace meshdns::redirect
